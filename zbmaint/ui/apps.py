"""App configuration of `zbmaint.ui`."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Page rendering: template tags, shell context, page slots."""

    name = "zbmaint.ui"
    label = "ui"
