"""Taking note of an escalation to a vendor."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from incidents.actions import handing
from incidents.models import VendorEscalation
from incidents.views.ticket_asking import back
from zbmaint.access.decorators import requires
from zbmaint.access.requests import SignedIn


@requires("incidents.view_vendorescalation")
@require_POST
def seen(request: SignedIn, escalation_id: int) -> HttpResponse:
    """It is not said to this person any more."""
    escalation = get_object_or_404(VendorEscalation.objects.select_related("ticket"), pk=escalation_id)
    handing.seen_by(escalation, request.user)
    return back(request, escalation.ticket)
