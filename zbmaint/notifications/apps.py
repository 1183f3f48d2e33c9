"""App configuration of `zbmaint.notifications`."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The outbox and its transports."""

    name = "zbmaint.notifications"
    label = "notifications"
    verbose_name = "Notifications"
