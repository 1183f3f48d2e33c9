"""App configuration of `zbmaint.queue`."""

from django.apps import AppConfig


class QueueConfig(AppConfig):
    """The one door to django-q2, and the processes that serve it."""

    name = "zbmaint.queue"
    label = "queue"
    verbose_name = "Queue"
