from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from incidents.rules import notifying
from incidents.rules.notifying import Told, Wish, channels_for, first_for, happened, quiet_until

BOTH = ("email", "chat")
TEN, SIX = dt.time(22), dt.time(6)


def line(kind: str, *, by_person: bool = True, threshold: int = 0, **changed: Sequence[object]) -> Told:
    return Told(kind, changed, by_person, threshold)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("comment")], []),
        ([line("opened"), line("assigned", assignee=(None, "ann"))], ["opened", "assigned"]),
        ([line("assigned", assignee=(None, None))], []),
        ([line("status", status=("open", "in_progress"), assignee=(None, "ann"))], ["assigned", "status"]),
        ([line("status", status=("in_progress", "resolved"))], ["resolved"]),
        ([line("status", status=("resolved", "closed"), by_person=False)], []),
        ([line("status", status=("resolved", "closed"))], ["status"]),
        ([line("status", status=("resolved", "open"))], ["status"]),
        ([line("escalated", tier=(1, 2), assignee=("ann", None))], ["escalated"]),
        ([line("handed_back")], ["escalated"]),
        ([line("vendor")], ["escalated"]),
        ([line("clock", threshold=50)], []),
        ([line("clock", threshold=80)], ["at_risk"]),
        ([line("cleared", clear=(False, True))], ["cleared"]),
        ([line("repeated", clear=(True, False))], []),
        ([line("cleared", clear=(False, True)), line("status", status=("open", "resolved"))], ["resolved", "cleared"]),
        ([line("clock", threshold=80), line("clock", threshold=100)], ["breached", "at_risk"]),
        ([line("severity", severity=("medium", "critical"))], ["raised"]),
        ([line("edited", severity=("critical", "medium"))], []),
        ([line("repeated")], []),
    ],
)
def test_what_lines_of_the_timeline_are_news(lines: list[Told], expected: list[str]) -> None:
    assert happened(lines) == expected


@pytest.mark.parametrize(
    ("events", "roles", "expected"),
    [
        (["opened", "assigned"], {"assignee", "on_call", "watcher"}, ("opened", "assignee")),
        (["opened", "assigned"], {"watcher"}, ("opened", "watcher")),
        (["assigned", "status"], {"watcher"}, ("status", "watcher")),
        (["assigned", "status"], {"earlier"}, ("assigned", "earlier")),
        (["at_risk"], {"watcher"}, None),
        (["status"], {"on_call"}, None),
    ],
)
def test_a_person_is_told_the_most_important_thing_once(
    events: list[str], roles: set[str], expected: tuple[str, str] | None
) -> None:
    assert first_for(events, roles) == expected


def test_every_event_has_its_roles() -> None:
    assert set(notifying.ROLES) == set(notifying.EVENTS)
    assert set(notifying.EVENTS) > notifying.CALLS


@pytest.mark.parametrize(
    ("severity", "wish", "minimum", "has", "expected"),
    [
        ("low", None, None, BOTH, ("email",)),
        ("low", None, None, ("chat",), ("chat",)),  # by what they have
        ("low", None, None, (), ()),
        ("low", Wish(BOTH), None, BOTH, BOTH),
        ("low", Wish(("chat",)), None, ("email",), ("email",)),
        ("low", Wish(()), None, BOTH, ()),
        ("medium", Wish(BOTH, "high"), None, BOTH, ()),
        ("high", Wish(BOTH, "high"), None, BOTH, BOTH),
        ("critical", Wish(BOTH, "high"), None, BOTH, BOTH),
        ("critical", Wish(()), Wish(("email",), "critical"), BOTH, ("email",)),
        ("high", Wish(()), Wish(("email",), "critical"), BOTH, ()),
        ("critical", Wish(("chat",)), Wish(("email",), "critical"), BOTH, BOTH),
    ],
)
def test_by_which_channels(
    severity: str, wish: Wish | None, minimum: Wish | None, has: Sequence[str], expected: Sequence[str]
) -> None:
    assert channels_for(severity, wish=wish, minimum=minimum, has=has) == tuple(expected)


@pytest.mark.parametrize(
    ("now", "zone", "begins", "ends", "severity", "expected"),
    [
        ("2026-06-01T21:59", "UTC", TEN, SIX, "high", None),
        ("2026-06-01T22:00", "UTC", TEN, SIX, "high", "2026-06-02T06:00"),
        ("2026-06-02T05:59", "UTC", TEN, SIX, "high", "2026-06-02T06:00"),
        ("2026-06-02T06:00", "UTC", TEN, SIX, "high", None),
        ("2026-06-01T23:00", "UTC", TEN, SIX, "critical", None),
        ("2026-06-01T20:30", "Africa/Harare", TEN, SIX, "low", "2026-06-02T04:00"),
        ("2026-06-01T12:30", "UTC", dt.time(12), dt.time(13), "low", "2026-06-01T13:00"),
        ("2026-06-01T12:30", "UTC", dt.time(12), dt.time(12), "low", None),
        ("2026-06-01T12:30", "UTC", None, SIX, "low", None),
        # The night in which the clocks go forward in Berlin is an hour shorter.
        ("2026-03-28T22:00", "Europe/Berlin", TEN, SIX, "low", "2026-03-29T04:00"),
        ("2026-06-01T23:00", "Nowhere/Gone", TEN, SIX, "low", "2026-06-02T06:00"),
    ],
)
def test_when_quiet_hours_end(  # noqa: PLR0917  # the columns of its table
    now: str, zone: str, begins: dt.time | None, ends: dt.time | None, severity: str, expected: str | None
) -> None:
    at = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    until = dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC) if expected else None
    assert quiet_until(at, zone=zone, begins=begins, ends=ends, severity=severity) == until


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], "nobody is set to be told"),
        (["nobody is on call"], "nobody is on call"),
        (["a", "b", "a", "c"], "a, b and c"),
    ],
)
def test_why_nobody(reasons: list[str], expected: str) -> None:
    assert notifying.why_nobody(reasons) == expected


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("CHAT_OPS", True),
        ("CHAT_OPS_2", True),
        ("DATABASE_URL", False),
        ("slack://token", False),
        ("CHAT_ops", False),
        ("CHAT_É", False),
        ("", False),
    ],
)
def test_a_chat_is_named_never_written_out(name: str, fine: bool) -> None:
    assert (notifying.why_not_chat(name) is None) is fine
