"""How a task that examines concludes."""

from __future__ import annotations

import pytest

from maintenance.rules.examination_outcome import Look, State, conclude_parts, not_done

DONE = Look("Sequences", State.DONE)
FOUND = Look("Connections", State.DONE, findings=2)
PIECE = Look("Connections", State.DONE, "not measured: what other sessions do: GRANT it")
NOT_MEASURED = Look("Index bloat", State.NOT_MEASURED, "pgstattuple is not installed")
LATE = Look("Index bloat", State.OUT_OF_TIME)
FAILED = Look("Sequences", State.FAILED, "it broke")
LEFT = Look("Rebuild bloated indexes", State.DONE, "not rebuilt: 2 indexes", findings=2)


@pytest.mark.parametrize(
    ("looks", "state", "verdict"),
    [
        ([DONE], "succeeded", "Nothing found."),
        ([DONE, FOUND], "warning", "2 findings."),
        ([DONE, NOT_MEASURED], "succeeded", "Nothing found. Not measured: index bloat."),
        ([PIECE, NOT_MEASURED], "succeeded", "Nothing found. Not measured: index bloat, a piece of connections."),
        ([DONE, LATE], "warning", "Nothing found; index bloat out of time."),
        ([DONE, FAILED], "warning", "Nothing found; sequences failed: it broke."),
        ([FAILED], "failed", "Nothing found; sequences failed: it broke."),
        ([LEFT], "warning", "2 findings; not rebuilt: 2 indexes."),
        ([], "succeeded", "Nothing found."),
    ],
)
def test_the_state_and_the_sentence(looks: list[Look], state: str, verdict: str) -> None:
    assert conclude_parts(looks) == (state, verdict)


def test_what_was_done_comes_first() -> None:
    assert conclude_parts([DONE], done="2 indexes rebuilt")[1] == "2 indexes rebuilt; nothing found."


def test_the_report_says_what_was_not_done_and_why() -> None:
    assert not_done([DONE, FOUND, PIECE, NOT_MEASURED, LATE, FAILED, LEFT]) == [
        {"part": "Connections", "state": "not measured", "why": "what other sessions do: GRANT it"},
        {"part": "Index bloat", "state": "not measured", "why": "pgstattuple is not installed"},
        {"part": "Index bloat", "state": "out of time", "why": ""},
        {"part": "Sequences", "state": "failed", "why": "it broke"},
        {"part": "Rebuild bloated indexes", "state": "left", "why": "not rebuilt: 2 indexes"},
    ]
