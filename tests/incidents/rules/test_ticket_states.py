import pytest

from incidents.models import Status
from incidents.rules.ticket_states import (
    FINISHED,
    TRANSITIONS,
    UNFINISHED,
    after,
    clear_resolves,
    possible,
    why_not,
    why_not_edit,
)

# Every verb from every status. What is not here does not exist.
WAYS = {
    ("start", "open"): "in_progress",
    ("start", "in_progress"): None,
    ("start", "resolved"): None,
    ("start", "closed"): None,
    ("resolve", "open"): "resolved",
    ("resolve", "in_progress"): "resolved",
    ("resolve", "resolved"): None,
    ("resolve", "closed"): None,
    ("close", "open"): None,
    ("close", "in_progress"): None,
    ("close", "resolved"): "closed",
    ("close", "closed"): None,
    ("reopen", "open"): None,
    ("reopen", "in_progress"): None,
    ("reopen", "resolved"): "open",
    ("reopen", "closed"): "open",
}


def test_the_table_is_whole() -> None:
    assert set(WAYS) == {(verb, status) for verb in TRANSITIONS for status in Status.values}


@pytest.mark.parametrize(("verb", "status"), WAYS)
def test_every_way_from_every_status(verb: str, status: str) -> None:
    assert after(verb, status) == WAYS[verb, status]
    assert (verb in possible(status)) is (WAYS[verb, status] is not None)
    assert (why_not(verb, status) is None) is (WAYS[verb, status] is not None)


@pytest.mark.parametrize(
    ("verb", "status", "expected"),
    [
        ("close", "open", "This ticket is open: it cannot close now. What can be done: start or resolve."),
        ("start", "in_progress", "This ticket is in progress: it cannot start now. What can be done: resolve."),
        ("resolve", "resolved", "This ticket is resolved: it cannot resolve now. What can be done: close or reopen."),
        ("close", "closed", "This ticket is closed: it cannot close now. What can be done: reopen."),
    ],
)
def test_a_refusal_names_what_is_possible(verb: str, status: str, expected: str) -> None:
    assert why_not(verb, status) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", None),
        ("in_progress", None),
        ("resolved", "This ticket is resolved and is not changed any more. What can be done: close or reopen."),
        ("closed", "This ticket is closed and is not changed any more. What can be done: reopen."),
    ],
)
def test_what_is_finished_is_not_edited(status: str, expected: str | None) -> None:
    assert why_not_edit(status) == expected


@pytest.mark.parametrize(
    ("status", "touched", "expected"),
    [
        ("open", False, True),
        ("open", True, False),
        ("in_progress", False, False),
        ("in_progress", True, False),
        ("resolved", False, False),
        ("closed", False, False),
    ],
)
def test_a_source_that_is_clear_ends_only_what_nobody_has_begun(status: str, touched: bool, expected: bool) -> None:
    assert clear_resolves(status, touched=touched) is expected


def test_every_status_is_finished_or_not() -> None:
    assert set(Status.values) == UNFINISHED | FINISHED
    assert not UNFINISHED & FINISHED
