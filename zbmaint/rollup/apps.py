"""App configuration of `zbmaint.rollup`."""

from django.apps import AppConfig


class RollupConfig(AppConfig):
    """Days put together from what happened."""

    name = "zbmaint.rollup"
    label = "rollup"
    verbose_name = "Roll-ups"
