"""What the machines' floor keeps."""

from maintenance.models.finding import Finding, FindingSighting, Severity
from maintenance.models.log_line import Level, LogLine
from maintenance.models.run import Origin, Run
from maintenance.models.run_step import RunStep
from maintenance.models.target import Target

__all__ = ["Finding", "FindingSighting", "Level", "LogLine", "Origin", "Run", "RunStep", "Severity", "Target"]
