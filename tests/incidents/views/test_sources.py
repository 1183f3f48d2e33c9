"""The pages of alert sources: set-up, test alert, tokens, the catch-all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from incidents.models import Delivery, Source, SourceToken, Ticket
from tests.incidents.sourcing import body_of, deliver, keep, make_source, make_token, of, tell, ticket_of, work

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Client]
TOKEN = re.compile(r"zbs_[\w-]+")


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def page(client: Client, path: str, **more: Any) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == 200
    return answer.content.decode()


class TestList:
    def test_without_sources_it_offers_one_way_on(self, client_as: ClientAs) -> None:
        assert "No alert sources yet" in page(client_as("lead"), "/sources/")
        assert "Add source" not in page(client_as("tier1"), "/sources/")

    def test_it_shows_how_each_is(self, client_as: ClientAs, source: Source) -> None:
        tell(source, of("a"))
        make_source("backups", "generic")
        Source.objects.filter(pk=make_source("old").pk).update(enabled=False)
        html = page(client_as("tier1"), "/sources/")
        assert [word in html for word in ("Receiving", "Never used", "Switched off")] == [True] * 3
        assert "1 delivery today, 1 open ticket." in html

    def test_what_nothing_could_be_made_of_stands_there_with_its_reason(
        self, client_as: ClientAs, source: Source
    ) -> None:
        deliver(source, {"version": "4", "groupKey": "<b>", "alerts": []})
        html = page(client_as("tier1"), "/sources/")
        assert "It holds no alerts." in html
        assert "Try again" not in html
        assert "Try again" in page(client_as("lead"), "/sources/")

    def test_it_is_tried_again(self, client_as: ClientAs, source: Source) -> None:
        delivery = deliver(source, {"version": "4"})
        path = f"/sources/deliveries/{delivery.pk}/again/"
        answer = client_as("lead").post(path, {"next": f"/sources/{source.slug}/"})
        assert (answer.status_code, answer["Location"]) == (302, "/sources/monitoring/")
        assert Delivery.objects.get().state == "received"
        assert client_as("lead").post(path, {"next": "//evil.example"})["Location"] == "/sources/"
        assert client_as("lead").post("/sources/deliveries/99/again/").status_code == 404

    def test_it_is_let_be(self, client_as: ClientAs, source: Source) -> None:
        delivery = deliver(source, {"version": "4"})
        assert "Dismiss delivery" in page(client_as("lead"), "/sources/")
        assert client_as("lead").post(f"/sources/deliveries/{delivery.pk}/dismiss/").status_code == 302
        assert "Every delivery was understood." in page(client_as("lead"), "/sources/")

    def test_its_queries_do_not_grow(self, client_as: ClientAs, source: Source, django_assert_num_queries: Any) -> None:
        client = client_as("viewer")
        page(client, "/sources/")
        for number in range(3):
            deliver(make_source(f"more {number}"), {"version": "4"})
        with django_assert_num_queries(10):
            page(client, "/sources/")

    def test_htmx_gets_the_part_that_changes(self, client_as: ClientAs, source: Source) -> None:
        html = page(client_as("viewer"), "/sources/", headers={"hx-request": "true"})
        assert html.startswith('<div class="stack" id="sources-live"')


class TestNew:
    def test_it_is_made_and_its_token_is_shown_once(self, client_as: ClientAs) -> None:
        client = client_as("lead")
        answer = client.post("/sources/new/", {"name": "Monitoring EU", "kind": "alertmanager"})
        found = TOKEN.search(answer.content.decode())
        assert found is not None
        assert "no-store" in answer["Cache-Control"]
        assert found[0] not in page(client, "/sources/monitoring-eu/")
        assert f'ends in <span class="mono">{found[0][-4:]}' in page(client, "/sources/monitoring-eu/")

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("", "required"),
            ("monitoring", "already"),
            ("Maintenance", "of its own"),
            ("磁盘", "a letter"),
            ("x" * 81, "at most 80"),
            ("a\x00b", "ull characters"),
        ],
    )
    def test_what_is_refused_is_said_at_the_field(
        self, client_as: ClientAs, source: Source, name: str, says: str
    ) -> None:
        answer = client_as("lead").post("/sources/new/", {"name": name, "kind": "generic"})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert Source.objects.count() == 1


class TestPage:
    @pytest.mark.parametrize(
        ("kind", "has"),
        [("alertmanager", "credentials_file: /etc/alertmanager/operations-token"), ("generic", "curl --fail")],
    )
    def test_it_shows_what_to_copy(self, client_as: ClientAs, kind: str, has: str) -> None:
        html = page(client_as("viewer"), f"/sources/{make_source('x', kind).slug}/")
        assert has in html
        assert f"/hooks/{kind}" in html

    def test_the_last_deliveries_with_what_became_of_them(self, client_as: ClientAs, source: Source) -> None:
        tell(source, of("a"), of("b"))
        tell(source, of("a"), of("b"))
        deliver(source, {"version": "4"})
        html = page(client_as("viewer"), "/sources/monitoring/", headers={"hx-request": "true"})
        for says in ("2 fired", "2 told before", "<code>alerts</code> is a list, not nothing."):
            assert says in html

    def test_what_a_test_alert_opens_appears_by_itself(self, client_as: ClientAs, source: Source) -> None:
        tell(source, of("a"))
        html = page(client_as("viewer"), "/sources/monitoring/", headers={"hx-request": "true"})
        assert html.startswith('<section class="panel" id="source-recent"')
        assert html.count('hx-swap-oob="true"') == 3
        assert ticket_of(source).get_absolute_url() in html
        assert "Receiving" in html
        assert 'hx-swap-oob="true"' not in page(client_as("viewer"), "/sources/monitoring/")

    def test_what_a_source_says_is_never_markup(self, client_as: ClientAs, source: Source) -> None:
        tell(source, of("<script>", severity="<b>"))
        deliver(source, {"version": "4", "groupKey": "x", "alerts": [{"status": "<i>"}]})
        ticket = ticket_of(source)
        for path in ("/sources/", "/sources/monitoring/", f"/tickets/{ticket.number}/"):
            html = page(client_as("lead"), path)
            assert not [bad for bad in ('<script>"', "fp-<", "<b>", "<i>") if bad in html]

    def test_a_test_alert_goes_through_the_same_door(self, client_as: ClientAs) -> None:
        client = client_as("lead")
        for kind in ("alertmanager", "generic"):
            source = make_source(kind, kind)
            path = f"/sources/{source.slug}/test/"
            client.post(path, {"status": "firing"})
            assert work() == 1
            assert ticket_of(source).severity == "low"
            assert "nothing is wrong" in ticket_of(source).title
            client.post(path, {"status": "resolved"})
            work()
            assert ticket_of(source).status == "resolved"
        client.post(path, {"status": "x"})
        assert work() == 0

    def test_its_queries(self, client_as: ClientAs, source: Source, django_assert_num_queries: Any) -> None:
        client = client_as("viewer")
        for instance in "abc":
            tell(source, of(instance), group=instance)
        make_token(source)
        page(client, "/sources/monitoring/")
        with django_assert_num_queries(13):
            page(client, "/sources/monitoring/")


class TestTokens:
    def test_a_second_is_made_and_a_third_refused(self, client_as: ClientAs, source: Source) -> None:
        client = client_as("admin")
        for _ in range(2):
            assert TOKEN.search(client.post("/sources/monitoring/tokens/").content.decode())
        answer = client.post("/sources/monitoring/tokens/", follow=True)
        assert "has two tokens" in answer.content.decode()
        assert SourceToken.objects.count() == 2

    def test_one_is_revoked_after_a_question(self, client_as: ClientAs, source: Source) -> None:
        make_token(source)
        path = f"/sources/monitoring/tokens/{source.tokens.get().pk}/revoke/"
        client = client_as("lead")
        assert "The source has no other token." in page(client, path)
        assert source.tokens.get().revoked_at is None
        client.post(path)
        assert source.tokens.get().revoked_at is not None
        assert client.post("/sources/other/tokens/1/revoke/").status_code == 404


class TestAlertsOfATicket:
    def test_the_page_shows_them(self, client_as: ClientAs, source: Source) -> None:
        tell(source, of("a"), of("b", "resolved"), of("c", severity="purple"))
        html = page(client_as("viewer"), f"/tickets/{ticket_of(source).number}/")
        assert "2 of 2" in html
        assert 'href="http://prometheus.internal/graph?a"' in html
        assert "Severity unknown" in html
        assert "Show all" not in html

    def test_thousands_do_not_break_it(
        self, client_as: ClientAs, source: Source, django_assert_max_num_queries: Any
    ) -> None:
        tell(source, *(of(f"host-{number:04}") for number in range(1200)), truncatedAlerts=30)
        number, client = ticket_of(source).number, client_as("viewer")
        html = page(client, f"/tickets/{number}/")
        assert "Show all 1,200 alerts" in html
        assert "+30 truncated" in html
        assert html.count('id="alert-') == 50
        with django_assert_max_num_queries(12):
            last = page(client, f"/tickets/{number}/alerts/?page=24")
        assert "host-1199" in last
        for wrong in ("25", "0", "x", "-1", "9" * 30):
            assert client.get(f"/tickets/{number}/alerts/?page={wrong}").status_code == 404

    def test_a_persons_ticket_has_none(self, client_as: ClientAs, source: Source) -> None:
        keep(source, body_of([of("a")]))
        work()
        Ticket.objects.update(key="", source="")
        assert 'id="ticket-alerts" aria-labelledby="alerts-title" hidden' in page(
            client_as("viewer"), f"/tickets/{Ticket.objects.get().number}/"
        )
