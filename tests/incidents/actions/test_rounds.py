"""What comes due by itself is done for every ticket that can be done, whatever is wrong with another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from incidents.actions import rounds, statuses
from incidents.actions.changing import Change
from incidents.actions.refusals import TicketRefused
from incidents.models import Ticket
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import open_one
from tests.incidents.reading import again
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db

Doing = Callable[[int], None]


def doing(done: list[int], *, wrong: dict[int, Exception]) -> Doing:
    def do(number: int) -> None:
        if number in wrong:
            raise wrong[number]
        done.append(number)

    return do


@pytest.fixture
def numbers() -> list[int]:
    return [open_one().number for _ in range(4)]


def go_round(do: Doing) -> int:
    return rounds.go_round(Ticket.objects.order_by("number"), do, "close")


def test_one_that_fails_is_logged_and_stops_no_other(numbers: list[int]) -> None:
    done: list[int] = []
    with capture_logs() as logs:
        assert go_round(doing(done, wrong={numbers[1]: ValueError("broken")})) == 3
    assert done == [numbers[0], *numbers[2:]]
    assert [(line["event"], line["work"], line["ticket"]) for line in logs] == [
        ("ticket_round_failed", "close", numbers[1])
    ]


@pytest.mark.parametrize("problem", [TicketRefused("Closed already."), Ticket.DoesNotExist()])
def test_where_somebody_was_faster_nothing_is_said(numbers: list[int], problem: Exception) -> None:
    with capture_logs() as logs:
        assert go_round(doing([], wrong={numbers[0]: problem})) == 3
    assert logs == []


def test_those_that_always_fail_do_not_keep_the_others_out(numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST", 2)
    done: list[int] = []
    wrong: dict[int, Exception] = {number: ValueError("broken") for number in numbers[:2]}
    assert go_round(doing(done, wrong=wrong)) == 2
    assert done == numbers[2:]


def test_a_round_has_an_end(numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST", 2)
    done: list[int] = []
    assert go_round(doing(done, wrong={})) == 2
    assert done == numbers[:2]


def test_one_that_cannot_be_closed_is_tried_again_the_next_time(
    wall: Wall, team: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = open_one(), open_one()
    for ticket in (broken, other):
        statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
        wall.on(minutes=1)
    allow = statuses._allow

    def fail(change: Change, verb: str) -> None:
        if change.ticket.pk == broken.pk:
            raise RuntimeError("broken")
        allow(change, verb)

    with monkeypatch.context() as patch:
        patch.setattr(statuses, "_allow", fail)
        assert statuses.close_old(wall.on(days=8)) == 1
    assert [again(ticket).status for ticket in (broken, other)] == ["resolved", "closed"]
    assert statuses.close_old(wall.now + dt.timedelta(minutes=10)) == 1
    assert again(broken).status == "closed"
