"""The banners of the roof, on every page."""

from __future__ import annotations

from zbmaint.dashboard import stuck
from zbmaint.dashboard.demo import mark
from zbmaint.ui import slots

slots.register("banners", stuck.banner)
slots.register("banners", mark.banner)
