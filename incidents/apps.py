"""App configuration of `incidents`."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Tickets, and what opens them."""

    name = "incidents"
    verbose_name = "Incidents"
