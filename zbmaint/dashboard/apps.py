"""App configuration of `zbmaint.dashboard`."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The roof: overview page and health endpoints."""

    name = "zbmaint.dashboard"
    label = "dashboard"
