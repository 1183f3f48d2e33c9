"""What the people's floor keeps."""

from incidents.models.assignment_rule import AssignmentRule
from incidents.models.calendar import Calendar
from incidents.models.category import Category
from incidents.models.entry import Entry
from incidents.models.link import Link
from incidents.models.notice_preferences import NoticePreferences
from incidents.models.notice_rule import NoticeMinimum, NoticeRule
from incidents.models.pause import Pause
from incidents.models.queue_count import QueueCount
from incidents.models.responder import Responder
from incidents.models.saved_view import SavedView
from incidents.models.severity import Severity
from incidents.models.stakeholder import Stakeholder
from incidents.models.stint import ClockEvent, Stint
from incidents.models.tag import Tag
from incidents.models.ticket import DueClock, ResolutionCode, Status, Ticket
from incidents.models.ticket_words import TicketWords
from incidents.models.tier import ResponseTarget, Tier
from incidents.models.vendor_escalation import VendorEscalation
from incidents.models.watcher import Watcher

__all__ = [
    "AssignmentRule",
    "Calendar",
    "Category",
    "ClockEvent",
    "DueClock",
    "Entry",
    "Link",
    "NoticeMinimum",
    "NoticePreferences",
    "NoticeRule",
    "Pause",
    "QueueCount",
    "ResolutionCode",
    "Responder",
    "ResponseTarget",
    "SavedView",
    "Severity",
    "Stakeholder",
    "Status",
    "Stint",
    "Tag",
    "Ticket",
    "TicketWords",
    "Tier",
    "VendorEscalation",
    "Watcher",
]
