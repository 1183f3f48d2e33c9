"""What maintenance says on every page: that it is frozen."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from maintenance.models import Freeze
from zbmaint.prepared import Prepared
from zbmaint.ui import slots

HOLDS: Final = Prepared(
    lambda now: Freeze.objects.holding(now).order_by().values_list("pk")[:1], dt.datetime(1, 1, 1, tzinfo=dt.UTC)
)


def frozen(request: HttpRequest) -> SafeString | None:
    """A banner for each freeze that holds, with a way to lift it for those who may; one query while none does."""
    now = timezone.now()
    if not HOLDS.rows(now):
        return None
    holding = Freeze.objects.holding(now).select_related("made_by").prefetch_related("targets", "categories")
    freezes = list(holding.order_by("-ends_at"))
    may_lift = request.user.has_perm("maintenance.change_freeze")
    return render_to_string("maintenance/freeze_banner.html", {"freezes": freezes, "may_lift": may_lift})


slots.register("banners", frozen)
