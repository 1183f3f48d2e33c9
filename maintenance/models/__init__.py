"""What the machines' floor keeps."""

from maintenance.models.category import Category
from maintenance.models.finding import Finding, FindingSighting, Severity
from maintenance.models.freeze import Freeze
from maintenance.models.log_line import Level, LogLine
from maintenance.models.occurrence import Occurrence
from maintenance.models.outage import Outage
from maintenance.models.probe import Probe
from maintenance.models.reading import Reading
from maintenance.models.run import Origin, Run
from maintenance.models.run_step import RunStep
from maintenance.models.schedule import CatchUp, Overlap, Schedule, ScheduledTask
from maintenance.models.schedule_version import ScheduleVersion
from maintenance.models.target import Target

__all__ = [
    "CatchUp",
    "Category",
    "Finding",
    "FindingSighting",
    "Freeze",
    "Level",
    "LogLine",
    "Occurrence",
    "Origin",
    "Outage",
    "Overlap",
    "Probe",
    "Reading",
    "Run",
    "RunStep",
    "Schedule",
    "ScheduleVersion",
    "ScheduledTask",
    "Severity",
    "Target",
]
