"""What maintenance says on every page: that it is frozen."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from maintenance.models import Freeze
from zbmaint.ui import slots


def frozen(request: HttpRequest) -> SafeString | None:
    """A banner for each freeze that holds, with a way to lift it for those who may; one query while none does."""
    holding = Freeze.objects.holding(timezone.now()).select_related("made_by").prefetch_related("targets", "categories")
    freezes = list(holding.order_by("-ends_at"))
    if not freezes:
        return None
    may_lift = request.user.has_perm("maintenance.change_freeze")
    return render_to_string("maintenance/freeze_banner.html", {"freezes": freezes, "may_lift": may_lift})


slots.register("banners", frozen)
