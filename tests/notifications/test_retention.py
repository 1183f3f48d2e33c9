import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.notifications.posting import post
from zbmaint.notifications import retention
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SETTLED = ("sent", "dead", "cancelled", "bundled")


def test_settled_notices_go_when_they_are_old_and_undelivered_ones_never(settings: Any) -> None:
    settings.NOTICE_RETENTION_DAYS = 30
    for state in ("queued", "sending", "failed", "sent", "dead", "cancelled", "bundled"):
        for days in (29, 31):
            notice = post(f"run:{days}:{state}")
            settled = NOW - dt.timedelta(days=days) if state in SETTLED else None
            created = NOW - dt.timedelta(days=days + 1)
            Notice.objects.filter(pk=notice.pk).update(state=state, settled_at=settled, created_at=created)
    assert retention.purge(NOW) == 4
    gone = {("31", state) for state in SETTLED}
    kept = {tuple(event.split(":")[1:]) for event in Notice.objects.values_list("event", flat=True)}
    assert len(kept) == 10
    assert not kept & gone
