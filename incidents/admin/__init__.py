"""Django admin of the people's floor."""

from incidents.admin.tickets import TicketAdmin

__all__ = ["TicketAdmin"]
