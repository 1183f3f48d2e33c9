"""The list of findings and the page of one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from maintenance.models import Finding, Target
from maintenance.views.finding_list import PAGE_SIZE
from tests.incidents.made import make_ticket
from tests.maintenance.made import add_finding, make_run
from tests.maintenance.views.telling import told
from zbmaint.access.models import Person, Role

SignIn = Callable[[str], Client]
People = dict[str, Person]
HTMX = {"HX-Request": "true"}


def page(client: Client, query: str = "", status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = client.get(f"/findings/{query}", headers=headers)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def listed(html: str) -> list[int]:
    """The ids of the findings in a page, from top to bottom."""
    return [int(number) for number in re.findall(r'<tr id="finding-(\d+)"', html)]


def make(subject: str, severity: str = "high", days: int = 0, **facts: Any) -> Finding:
    """A finding first seen so many days ago."""
    seen = timezone.now() - dt.timedelta(days=days)
    finding = add_finding(make_run(), severity, subject=subject, title=f"About {subject}", **facts)
    Finding.objects.filter(pk=finding.pk).update(first_seen_at=seen)
    return finding


def day(days: int) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=days)


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


class TestList:
    def test_open_ones_stand_first_the_worst_above_and_then_the_oldest(self, viewer: Client) -> None:
        resolved = make("a", "critical", 50, state="resolved", resolved_at=timezone.now())
        accepted = make("b", "critical", 40, state="accepted", accepted_until=day(5))
        low = make("c", "low", 90, state="ongoing")
        young, old = make("d", "high", 1), make("e", "high", 30, state="ongoing")
        critical = make("f", "critical", 0)
        html = page(viewer)
        assert listed(html) == [each.pk for each in (critical, old, young, low, accepted, resolved)]
        for group, count in (("Open", 4), ("Accepted", 1), ("Resolved", 1)):
            assert f'colspan="5">{group} <span class="count">{count}</span>' in html
        assert "4 are open, the oldest since" in html

    def test_each_says_its_state_with_what_belongs_to_it(self, viewer: Client) -> None:
        make("a")
        make("b", days=22, state="ongoing")
        make("c", state="accepted", accepted_until=day(5))
        make("d", state="accepted", accepted_until=day(-1))
        make("e", state="resolved", resolved_at=timezone.now())
        html = page(viewer)
        for says in ("New", "Ongoing for 3 weeks", "Accepted until ", "Acceptance ended ", "Resolved "):
            assert f"</svg>{says}" in html

    def test_a_row_has_detail_fix_target_task_and_the_run_that_saw_it_last(self, viewer: Client) -> None:
        finding = make("a", detail="Held by <pid 7>", fix="SELECT '<fix>'")
        html = page(viewer)
        assert "Held by &lt;pid 7&gt;" in html
        assert "<code>SELECT &#x27;&lt;fix&gt;&#x27;</code>" in html
        assert f'data-copy-from="fix-{finding.pk}"' in html
        assert "own database, Database maintenance" in html
        assert f'href="/runs/{finding.sightings.get().run_id}/"' in html

    def test_one_whose_runs_are_gone_is_still_there(self, viewer: Client) -> None:
        finding = make("a")
        finding.sightings.all().delete()
        assert listed(page(viewer)) == [finding.pk]
        assert "kept no longer" in viewer.get(f"/findings/{finding.pk}/").content.decode()

    @pytest.mark.parametrize(
        "query",
        ["?severity=critical", "?target=other", "?task=cache_review", "?kind=locked", "?q=POSTS", "?q=50%25&state=new"],
    )
    def test_a_filter_leaves_only_what_matches(self, viewer: Client, query: str) -> None:
        other = Target.objects.create(name="other", reference="env:OTHER")
        make("public.users", detail="50 rows")
        facts = {"target": other, "task": "cache_review", "kind": "locked", "detail": "50% of it"}
        wanted = make("public.posts", "critical")
        Finding.objects.filter(pk=wanted.pk).update(**facts)
        assert listed(page(viewer, query)) == [wanted.pk]

    def test_tabs_count_what_matches_the_other_filters(self, viewer: Client) -> None:
        make("a")
        make("b", days=9, state="ongoing")
        make("c", state="accepted", accepted_until=day(-1))
        make("d", "low", state="ongoing")
        html = page(viewer, "?state=new&severity=high")
        tabs = re.findall(r'<a href="(/findings/[^"]*)"( aria-current="page")?>(\w+) <span class="count">(\d+)', html)
        assert [(text, int(count), bool(here)) for _, here, text, count in tabs] == [
            ("All", 3, False),
            ("New", 1, True),
            ("Ongoing", 2, False),
            ("Accepted", 0, False),
            ("Resolved", 0, False),
        ]
        assert tabs[2][0] == "/findings/?state=ongoing&amp;severity=high"

    def test_walking_through_the_pages_shows_every_finding_once(self, viewer: Client) -> None:
        run, now = make_run(), timezone.now()
        Finding.objects.bulk_create(
            Finding(
                task=run.task,
                target=run.target,
                kind="k",
                subject=str(number),
                title=str(number),
                severity="low",
                first_seen_at=now,
                last_seen_at=now,
            )
            for number in range(2 * PAGE_SIZE + 3)
        )
        seen, query = [], ""
        while True:
            html = page(viewer, query)
            seen += listed(html)
            following = re.search(r'href="(\?[^"]*)" rel="next"', html)
            if following is None:
                break
            query = following[1].replace("&amp;", "&")
        assert sorted(seen) == sorted(Finding.objects.values_list("pk", flat=True))
        assert len(seen) == len(set(seen))
        assert f"Findings {2 * PAGE_SIZE + 1} to {2 * PAGE_SIZE + 3} of {2 * PAGE_SIZE + 3}" in html
        assert 'href="?page=2" rel="prev"' in html
        assert "The list ends before it." in page(viewer, "?page=4")

    def test_a_wrong_filter_shows_an_error_in_words_and_no_list(self, viewer: Client) -> None:
        make("a")
        html = page(viewer, "?state=exploded&page=%00", 422)
        assert "There is no state “exploded”." in html
        assert listed(html) == []
        html = page(viewer, "?target=gone", headers=HTMX)
        assert "There is no target “gone”." in html
        assert listed(html) == []

    def test_an_empty_list_says_why(self, viewer: Client) -> None:
        assert "No findings yet" in page(viewer)
        make("a")
        assert "Nothing matches these filters" in page(viewer, "?q=zzz")
        assert "No finding is resolved" in page(viewer, "?state=resolved")

    def test_htmx_gets_the_list_alone_and_the_address_without_empty_parts(self, viewer: Client) -> None:
        make("a")
        answer = viewer.get("/findings/?q=&severity=high&target=", headers=HTMX)
        assert answer["HX-Push-Url"] == "/findings/?severity=high"
        assert "<html" not in answer.content.decode()
        assert "<html" in page(viewer, headers={**HTMX, "HX-History-Restore-Request": "true"})

    def test_its_ticket_is_named_and_opens_for_those_who_may(self, client_as: SignIn) -> None:
        finding = make("a")
        ticket = make_ticket()
        ticket.links.create(kind="finding", ref=str(finding.pk), label="x")
        link = f'href="/tickets/{ticket.number}/">INC-{ticket.number}</a>'
        admin, viewer = client_as("admin"), client_as("viewer")
        for path in ("", f"{finding.pk}/"):
            assert link in page(admin, path)
            assert link in page(viewer, path)
        Role.objects.get(key="viewer").permissions.remove(Permission.objects.get(codename="view_ticket"))
        assert f"INC-{ticket.number}" not in page(client_as("viewer"))

    def test_the_queries_do_not_grow_with_the_findings(
        self, client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        admin = client_as("admin")
        for number in range(3):
            make(str(number), fix="x")
        page(admin)
        # Person with role; targets and kinds for the filters; counts; rows; tickets; three banners.
        with django_assert_num_queries(11):
            page(admin)
        with django_assert_num_queries(7):
            page(admin, headers=HTMX)


class TestPage:
    def test_it_shows_the_runs_that_saw_it_and_in_which_state(
        self, viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        finding = make("a", days=20, state="ongoing")
        runs = [finding.sightings.get().run_id]
        for _ in range(3):
            run = make_run()
            finding.sightings.create(run=run, state="ongoing", severity="medium")
            runs.append(run.pk)
        viewer.get(f"/findings/{finding.pk}/")
        # Person with role; permissions; finding; sightings with their runs; ticket; two banners.
        with django_assert_num_queries(8):
            html = viewer.get(f"/findings/{finding.pk}/").content.decode()
        assert [int(number) for number in re.findall(r'id="run-(\d+)"', html)] == runs[::-1]
        assert "4 in all" in html
        assert "Ongoing for 2 weeks" in html

    def test_of_many_runs_the_newest_are_shown_and_all_are_counted(self, viewer: Client) -> None:
        finding = make("a")
        for _ in range(26):
            finding.sightings.create(run=make_run(), state="ongoing", severity="high")
        assert "The newest 25 of 27" in page(viewer, f"{finding.pk}/")

    def test_it_says_who_accepted_it_and_why_and_that_it_has_ended(self, viewer: Client, people: People) -> None:
        finding = make(
            "a", state="accepted", accepted_by=people["tier3"], accepted_reason="It goes", accepted_until=day(3)
        )
        assert "tier3: It goes" in page(viewer, f"{finding.pk}/")
        Finding.objects.update(accepted_until=day(-3))
        assert "tier3: It goes It is open again" in page(viewer, f"{finding.pk}/")

    def test_one_that_does_not_exist_is_not_found(self, viewer: Client) -> None:
        for number in ("0", "99999999999999999999"):
            assert viewer.get(f"/findings/{number}/").status_code == 404


class TestAccept:
    @pytest.fixture
    def finding(self, db: None) -> Finding:
        return make("a", state="ongoing")

    @pytest.fixture
    def engineer(self, client_as: SignIn) -> Client:
        return client_as("tier3")

    def test_only_those_who_may_are_offered_it(self, client_as: SignIn, finding: Finding) -> None:
        accept = f'href="/findings/{finding.pk}/accept/"'
        for path in ("", f"{finding.pk}/"):
            assert accept in page(client_as("tier3"), path)
            assert accept not in page(client_as("tier2"), path)

    def test_it_is_asked_on_a_page_and_in_a_dialog(self, engineer: Client, finding: Finding) -> None:
        whole, dialog = page(engineer, f"{finding.pk}/accept/"), page(engineer, f"{finding.pk}/accept/", headers=HTMX)
        assert "<html" in whole
        assert "<html" not in dialog
        for html in (whole, dialog):
            assert "Accept this finding?" in html
            assert f'min="{day(1)}" max="{day(365)}"' in html
            assert f'value="{day(56)}"' in html
        assert '<a href="/findings/">Findings</a>' in whole

    def test_it_is_accepted_and_can_be_reopened(self, engineer: Client, finding: Finding) -> None:
        path = f"/findings/{finding.pk}/"
        html = told(engineer, f"{path}accept/", {"until": str(day(30)), "reason": "It goes"})
        assert "Accepted until" in html
        assert "tier3: It goes" in html
        finding.refresh_from_db()
        assert (finding.state, finding.accepted_until) == ("accepted", day(30))
        assert f'action="{path}reopen/"' in page(engineer)
        assert "Open again: About a" in told(engineer, f"{path}reopen/")
        assert "It is ongoing, not accepted." in told(engineer, f"{path}reopen/")

    @pytest.mark.parametrize(
        ("until", "reason", "says"),
        [
            ("", "x", "Give the last day of the acceptance."),
            ("soon", "x", "Write it like 2026-04-30."),
            (str(day(0)), "x", "The last day must be after today."),
            (str(day(366)), "x", "At most a year"),
            (str(day(9)), " ", "Say why"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
        self, engineer: Client, finding: Finding, until: str, reason: str, says: str
    ) -> None:
        answer = engineer.post(f"/findings/{finding.pk}/accept/", {"until": until, "reason": reason})
        assert answer.status_code == 422
        html = answer.content.decode()
        assert says in html
        assert f'value="{until}"' in html or not until
        finding.refresh_from_db()
        assert finding.state == "ongoing"

    def test_one_that_somebody_accepted_meanwhile_is_refused(
        self, engineer: Client, finding: Finding, people: People
    ) -> None:
        Finding.objects.update(state="accepted", accepted_until=day(9), accepted_by=people["lead"])
        html = told(engineer, f"/findings/{finding.pk}/accept/", {"until": str(day(30)), "reason": "x"}, 409)
        assert "Nothing was changed. lead has accepted it until" in html

    def test_it_leads_back_to_the_list_as_it_was_filtered(self, engineer: Client, finding: Finding) -> None:
        values = {"until": str(day(30)), "reason": "x"}
        came_from = {"Referer": "http://testserver/findings/?severity=high&q=a"}
        answer = engineer.post(f"/findings/{finding.pk}/accept/", values, headers=came_from)
        assert answer["Location"] == f"/findings/?severity=high&q=a#finding-{finding.pk}"

    @pytest.mark.parametrize(
        "came_from", ["", "http://elsewhere.example/findings/", "http://testserver/runs/", "http://["]
    )
    def test_from_anywhere_else_it_leads_to_the_finding(
        self, engineer: Client, finding: Finding, came_from: str
    ) -> None:
        values = {"until": str(day(30)), "reason": "x"}
        answer = engineer.post(f"/findings/{finding.pk}/accept/", values, headers={"Referer": came_from})
        assert answer["Location"] == f"/findings/{finding.pk}/"
