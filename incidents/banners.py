"""What tickets say on every page: to lead and management, that one has gone to a vendor."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.models import VendorEscalation
from incidents.rules import ticket_states
from zbmaint.ui import slots

MOST = 3


def with_vendors(request: HttpRequest) -> SafeString | None:
    """A banner for each escalation to a vendor that the person is told of and has not seen; one query."""
    if not request.user.has_perm("incidents.view_vendorescalation"):
        return None
    unseen = VendorEscalation.objects.exclude(seen_by=request.user.pk)
    unfinished = unseen.filter(ticket__status__in=sorted(ticket_states.UNFINISHED)).select_related("ticket", "by")
    found = list(unfinished.order_by("-at")[:MOST])
    if not found:
        return None
    return render_to_string("incidents/vendor_banner.html", {"escalations": found}, request)


slots.register("banners", with_vendors)
