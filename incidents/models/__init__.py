"""What the people's floor keeps."""

from incidents.models.assignment_rule import AssignmentRule
from incidents.models.calendar import Calendar
from incidents.models.category import Category
from incidents.models.delivery import Delivery
from incidents.models.entry import Entry
from incidents.models.link import Link
from incidents.models.notice_preferences import NoticePreferences
from incidents.models.notice_rule import NoticeMinimum, NoticeRule
from incidents.models.pause import Pause
from incidents.models.person_day import PersonDay
from incidents.models.queue_count import QueueCount
from incidents.models.rejection import Rejection
from incidents.models.responder import Responder
from incidents.models.saved_view import SavedView
from incidents.models.severity import Severity
from incidents.models.source import Source
from incidents.models.source_token import SourceToken
from incidents.models.stakeholder import Stakeholder
from incidents.models.stint import ClockEvent, Stint
from incidents.models.tag import Tag
from incidents.models.ticket import DueClock, ResolutionCode, Status, Ticket
from incidents.models.ticket_alert import AlertGroup, EarlyResolve, TicketAlert
from incidents.models.ticket_day import ALL_SEVERITIES, ALL_TIERS, TicketDay
from incidents.models.ticket_words import TicketWords
from incidents.models.tier import ResponseTarget, Tier
from incidents.models.vendor_escalation import VendorEscalation
from incidents.models.watcher import Watcher

__all__ = [
    "ALL_SEVERITIES",
    "ALL_TIERS",
    "AlertGroup",
    "AssignmentRule",
    "Calendar",
    "Category",
    "ClockEvent",
    "Delivery",
    "DueClock",
    "EarlyResolve",
    "Entry",
    "Link",
    "NoticeMinimum",
    "NoticePreferences",
    "NoticeRule",
    "Pause",
    "PersonDay",
    "QueueCount",
    "Rejection",
    "ResolutionCode",
    "Responder",
    "ResponseTarget",
    "SavedView",
    "Severity",
    "Source",
    "SourceToken",
    "Stakeholder",
    "Status",
    "Stint",
    "Tag",
    "Ticket",
    "TicketAlert",
    "TicketDay",
    "TicketWords",
    "Tier",
    "VendorEscalation",
    "Watcher",
]
