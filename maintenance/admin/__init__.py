"""Django admin of the machines' floor. Runs and findings are not here: they have pages, and nobody edits them."""

from maintenance.admin.categories import CategoryAdmin
from maintenance.admin.history import FreezeAdmin, OccurrenceAdmin, ScheduleVersionAdmin
from maintenance.admin.probes import OutageAdmin, ProbeAdmin
from maintenance.admin.schedules import ScheduleAdmin
from maintenance.admin.targets import TargetAdmin
from maintenance.admin.windows import MaintenanceWindowAdmin

__all__ = [
    "CategoryAdmin",
    "FreezeAdmin",
    "MaintenanceWindowAdmin",
    "OccurrenceAdmin",
    "OutageAdmin",
    "ProbeAdmin",
    "ScheduleAdmin",
    "ScheduleVersionAdmin",
    "TargetAdmin",
]
