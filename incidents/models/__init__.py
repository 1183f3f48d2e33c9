"""What the people's floor keeps."""

from incidents.models.entry import Entry
from incidents.models.link import Link
from incidents.models.ticket import Severity, Status, Ticket

__all__ = ["Entry", "Link", "Severity", "Status", "Ticket"]
