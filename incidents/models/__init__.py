"""What the people's floor keeps."""

from incidents.models.assignment_rule import AssignmentRule
from incidents.models.calendar import Calendar
from incidents.models.category import Category
from incidents.models.entry import Entry
from incidents.models.link import Link
from incidents.models.pause import Pause
from incidents.models.queue_count import QueueCount
from incidents.models.responder import Responder
from incidents.models.saved_view import SavedView
from incidents.models.severity import Severity
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
    "Pause",
    "QueueCount",
    "ResolutionCode",
    "Responder",
    "ResponseTarget",
    "SavedView",
    "Severity",
    "Status",
    "Stint",
    "Tag",
    "Ticket",
    "TicketWords",
    "Tier",
    "VendorEscalation",
    "Watcher",
]
