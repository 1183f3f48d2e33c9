"""The list of runs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maintenance.models import Origin, Run, Target
from maintenance.rules import run_states
from maintenance.views.run_list import PAGE_SIZE
from tests.maintenance.made import make_run
from zbmaint.access.models import Person

SignIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def listed(html: str) -> list[int]:
    """The ids of the runs in a page, from top to bottom."""
    return [int(number) for number in re.findall(r'id="run-(\d+)"', html)]


def page(client: Client, query: str = "", **headers: str) -> str:
    return client.get(f"/runs/{query}", headers=headers).content.decode()


@pytest.fixture
def viewer(client_as: SignIn) -> Client:
    return client_as("viewer")


def test_the_newest_run_stands_first(viewer: Client) -> None:
    old, new = make_run(), make_run(run_states.RUNNING)
    assert listed(page(viewer)) == [new.pk, old.pk]


def test_how_long_a_run_took_is_unknown_when_the_clock_went_back(viewer: Client) -> None:
    run = make_run()
    assert run.started_at is not None
    Run.objects.filter(pk=run.pk).update(finished_at=run.started_at - dt.timedelta(seconds=20))
    run.refresh_from_db()
    assert run.duration is None
    assert '<td class="num muted">unknown</td>' in page(viewer)
    assert "<dt>Took</dt><dd>unknown</dd>" in viewer.get(run.get_absolute_url()).content.decode()
    Run.objects.filter(pk=run.pk).update(finished_at=run.started_at + dt.timedelta(seconds=20))
    assert '<td class="num muted">20s</td>' in page(viewer)


def test_without_runs_it_says_so_and_offers_to_start_one_to_those_who_may(client_as: SignIn) -> None:
    assert "No runs yet" in page(client_as("tier2"))
    assert "/runs/new/" in page(client_as("tier2"))
    assert "/runs/new/" not in page(client_as("viewer"))


def test_walking_to_older_runs_and_back_shows_every_run_once(viewer: Client) -> None:
    every = [make_run().pk for _ in range(2 * PAGE_SIZE + 7)][::-1]
    seen, query = [], ""
    while True:
        html = page(viewer, query)
        seen += listed(html)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if older is None:
            break
        query = older[1]
    assert seen == every
    newer = re.search(r'href="(\?[^"]*)" rel="prev"', html)
    assert newer is not None
    assert listed(page(viewer, newer[1])) == every[PAGE_SIZE : 2 * PAGE_SIZE]


@pytest.mark.parametrize("query", ["?task=database_maintenance", "?target=other", "?state=failed", "?by=schedule"])
def test_a_filter_leaves_only_what_matches(viewer: Client, query: str) -> None:
    other = Target.objects.create(name="other", reference="env:OTHER")
    make_run(task="gone_task")
    make_run(task="gone_task")
    wanted = make_run(run_states.FAILED, target=other, origin=Origin.SCHEDULE)
    assert listed(page(viewer, query)) == [wanted.pk]
    assert "selected" in page(viewer, query)


def test_runs_can_be_filtered_by_the_person_who_asked(client_as: SignIn, people: dict[str, Person]) -> None:
    make_run(requested_by=people["lead"], origin=Origin.PERSON)
    mine = make_run(requested_by=people["tier2"], origin=Origin.PERSON)
    assert listed(page(client_as("viewer"), f"?by={people['tier2'].pk}")) == [mine.pk]


@pytest.mark.parametrize(
    "query",
    [
        "?state=exploded",
        "?by=-1",
        "?by=99999999999999999999",
        "?task=%00",
        "?before=x",
        "?after=%F0",
        "?upto=0",
        "?by=²",
    ],
)
def test_a_filter_that_means_nothing_is_ignored(viewer: Client, query: str) -> None:
    run = make_run()
    assert listed(page(viewer, query)) == [run.pk]


def test_a_target_that_does_not_exist_matches_nothing_and_the_filters_can_be_cleared(viewer: Client) -> None:
    make_run()
    html = page(viewer, "?target=a%00b")
    assert "Nothing matches these filters" in html
    assert "Clear filters" in html


def test_htmx_gets_the_list_alone(viewer: Client) -> None:
    html = page(viewer, **HTMX)
    assert html.lstrip().startswith("<section")
    assert "<html" not in html


def test_going_back_in_the_browser_gets_the_whole_page(viewer: Client) -> None:
    assert "<html" in page(viewer, **HTMX, **{"HX-History-Restore-Request": "true"})


def test_a_changed_filter_goes_into_the_address_without_empty_parts(viewer: Client) -> None:
    changed = viewer.get("/runs/?task=&state=failed&by=", headers={**HTMX, "HX-Trigger": "filters"})
    assert changed["HX-Push-Url"] == "/runs/?state=failed"
    polled = viewer.get("/runs/?state=failed", headers={**HTMX, "HX-Trigger": "run-list"})
    assert "HX-Push-Url" not in polled


def test_nothing_is_sent_while_nothing_changes(viewer: Client) -> None:
    run = make_run(run_states.RUNNING, progress=10)
    query = re.search(r'hx-get="/runs/(\?seen=[^"]*)"', page(viewer))
    assert query is not None
    # The mark also changes with the minute, so ask until both lie in the same one.
    answers = [viewer.get(f"/runs/{query[1]}", headers=HTMX).status_code for _ in range(2)]
    assert 204 in answers or re.search(query[1], page(viewer)) is None
    Run.objects.filter(pk=run.pk).update(progress=11)
    assert viewer.get(f"/runs/{query[1]}", headers=HTMX).status_code == 200


def test_under_the_pointer_new_runs_are_only_counted(viewer: Client) -> None:
    known = make_run(run_states.RUNNING, progress=10)
    make_run()
    Run.objects.filter(pk=known.pk).update(progress=37)
    html = page(viewer, f"?upto={known.pk}", **HTMX)
    assert listed(html) == [known.pk]
    assert "37%" in html
    assert "Show 1 newer" in html


def test_an_older_piece_does_not_ask_by_itself(viewer: Client) -> None:
    for _ in range(PAGE_SIZE + 1):
        last = make_run()
    assert "hx-trigger" not in re.sub(r"<form.*?</form>", "", page(viewer, f"?before={last.pk}"), flags=re.S)


def test_the_page_takes_nine_queries_and_a_poll_three(
    client_as: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin = client_as("admin")
    for _ in range(3):
        make_run()
    page(admin)
    # Session; person with role; runs; targets and people for the filters; three banners.
    with django_assert_num_queries(9):
        page(admin)
    with django_assert_num_queries(3):
        page(admin, **HTMX)
    with django_assert_num_queries(4):
        page(admin, "?upto=1", **HTMX)
