"""Django admin of the people's floor."""

from incidents.admin.assignment_rules import AssignmentRuleAdmin
from incidents.admin.calendars import CalendarAdmin
from incidents.admin.categories import CategoryAdmin
from incidents.admin.responders import ResponderAdmin
from incidents.admin.sources import SourceAdmin
from incidents.admin.stakeholders import NoticeMinimumAdmin, StakeholderAdmin
from incidents.admin.tickets import TicketAdmin
from incidents.admin.tiers import TierAdmin

__all__ = [
    "AssignmentRuleAdmin",
    "CalendarAdmin",
    "CategoryAdmin",
    "NoticeMinimumAdmin",
    "ResponderAdmin",
    "SourceAdmin",
    "StakeholderAdmin",
    "TicketAdmin",
    "TierAdmin",
]
