"""What the machines' floor keeps."""

from maintenance.models.app_metric import AppMetric
from maintenance.models.category import Category
from maintenance.models.finding import Finding, FindingSighting, Severity
from maintenance.models.finding_day import FindingDay
from maintenance.models.finding_stretch import FindingStretch
from maintenance.models.freeze import Freeze
from maintenance.models.health_report import HealthReport
from maintenance.models.log_line import Level, LogLine
from maintenance.models.occurrence import Occurrence
from maintenance.models.outage import Outage
from maintenance.models.probe import Component, Probe
from maintenance.models.reading import Reading
from maintenance.models.run import Origin, Run
from maintenance.models.run_day import RunDay
from maintenance.models.run_step import RunStep
from maintenance.models.schedule import CatchUp, Overlap, Schedule, ScheduledTask
from maintenance.models.schedule_version import ScheduleVersion
from maintenance.models.service_day import SYSTEM, ServiceDay
from maintenance.models.span import Span, Timeline
from maintenance.models.target import Target
from maintenance.models.task_total import TaskTotal
from maintenance.models.weekly_report import WeeklyReport
from maintenance.models.window import MaintenanceWindow

__all__ = [
    "SYSTEM",
    "AppMetric",
    "CatchUp",
    "Category",
    "Component",
    "Finding",
    "FindingDay",
    "FindingSighting",
    "FindingStretch",
    "Freeze",
    "HealthReport",
    "Level",
    "LogLine",
    "MaintenanceWindow",
    "Occurrence",
    "Origin",
    "Outage",
    "Overlap",
    "Probe",
    "Reading",
    "Run",
    "RunDay",
    "RunStep",
    "Schedule",
    "ScheduleVersion",
    "ScheduledTask",
    "ServiceDay",
    "Severity",
    "Span",
    "Target",
    "TaskTotal",
    "Timeline",
    "WeeklyReport",
]
