"""Alert sources in admin: what they are read by, and what their tickets get."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from incidents.models import Category, Source
from tests.incidents.sourcing import make_source, make_token
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "Monitoring",
    "kind": "alertmanager",
    "enabled": "on",
    "severities": "Page = critical\n\nwarning=medium",
    "default_severity": "low",
    "tags": "Prod, eu",
}


@pytest.fixture
def client(client_as: Callable[[str], Client]) -> Client:
    return client_as("lead")


def test_it_is_made_with_all_that_was_typed(client: Client) -> None:
    category = Category.objects.get(key="infrastructure")
    answer = client.post("/admin/incidents/source/add/", GIVEN | {"category": str(category.pk), "tier": "2"})
    assert answer.status_code == 302
    source = Source.objects.get()
    assert (source.slug, source.kind, source.enabled) == ("monitoring", "alertmanager", True)
    assert source.severities == {"page": "critical", "warning": "medium"}
    assert (source.category, source.tier_id, source.tags) == (category, 2, ["eu", "prod"])
    assert AuditEntry.objects.get(verb="source_created").after["default_severity"] == "low"  # type: ignore[index]  # it has one


def test_it_is_changed_and_its_short_name_and_kind_stay(client: Client) -> None:
    source = make_source()
    make_token(source)
    path = f"/admin/incidents/source/{source.pk}/change/"
    assert "page = critical" in client.get(path).content.decode()
    given = GIVEN | {"name": "Renamed", "kind": "generic"}
    given.pop("enabled")
    assert client.post(path, given).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.slug, source.kind, source.enabled) == ("Renamed", "monitoring", "alertmanager", False)
    entry = AuditEntry.objects.get(verb="source_changed")
    assert entry.before is not None
    assert entry.before["enabled"] is True


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"severities": "page: critical"}, "is not a word, =, and one of"),
        ({"severities": "page = purple"}, "is not a word, =, and one of"),
        ({"tags": "??"}, "is no tag"),
        ({"name": "maintenance"}, "of its own"),
        ({"name": "磁盘"}, "a letter from a to z"),
        ({"kind": "pagerduty"}, "Select a valid choice"),
    ],
)
def test_what_is_refused_is_said_and_kept_in_the_form(client: Client, wrong: dict[str, str], says: str) -> None:
    answer = client.post("/admin/incidents/source/add/", GIVEN | wrong)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert says in html
    assert "warning=medium" in html or "severities" in wrong
    assert not Source.objects.exists()
