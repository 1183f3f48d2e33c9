"""What became of one table, and of the whole."""

from typing import Any

import pytest

from maintenance.rules.vacuum_outcome import TableResult, Tally, conclude
from maintenance.rules.vacuum_verdict import Evidence, Result, judge, removed_rows, told, words


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ({"dead_before": 5000, "dead_after": 0}, Result.VACUUMED),
        ({"dead_before": 5000, "dead_after": 500}, Result.VACUUMED),
        ({"dead_before": 5000, "dead_after": 501}, Result.PARTLY_HELD),
        ({"dead_before": 5000, "dead_after": 5000}, Result.HELD),
        ({"dead_before": 5000, "dead_after": 6000}, Result.HELD),
        ({"dead_before": 5000, "removed": 0, "held": 5000}, Result.HELD),
        ({"dead_before": 0, "removed": 4000, "held": 0}, Result.VACUUMED),
        ({"dead_before": 0, "removed": 0, "held": 4000}, Result.HELD),
        ({"dead_before": 3000, "removed": 0, "held": 1000}, Result.PARTLY_HELD),
        ({"dead_before": 2, "dead_after": 2, "for_dead_rows": False}, Result.VACUUMED),
        ({"still_old": True}, Result.NOT_FROZEN),
        ({"proven": False}, Result.FAILED),
        ({"proven": False, "exists": False}, Result.DROPPED),
        ({"proven": False, "notices": ["55P03"]}, Result.LOCKED),
        ({"proven": False, "notices": ["01000"], "may_maintain": False}, Result.NO_PRIVILEGE),
        ({"proven": False, "notices": ["42501"]}, Result.NO_PRIVILEGE),
        ({"proven": False, "notices": ["01000"]}, Result.FAILED),
        ({"proven": True, "notices": ["01000"], "may_maintain": False}, Result.VACUUMED),
        ({"error": "42P01", "exists": False}, Result.DROPPED),
        ({"error": "3F000", "exists": False}, Result.DROPPED),
        ({"error": "42P01", "exists": True}, Result.FAILED),
        ({"error": "42501"}, Result.NO_PRIVILEGE),
        ({"error": "55P03"}, Result.LOCKED),
        ({"error": "57014", "used_budget": True}, Result.TIMED_OUT),
        ({"error": "57014"}, Result.FAILED),
        ({"error": "53100"}, Result.FAILED),
    ],
)
def test_the_verdict_is_what_was_seen(facts: dict[str, Any], result: Result) -> None:
    assert judge(Evidence(**facts)) is result


def test_an_analyze_that_is_proven_is_done() -> None:
    assert judge(Evidence(dead_before=9, dead_after=9), done=Result.ANALYZED) is Result.ANALYZED
    assert judge(Evidence(proven=False, notices=["55P03"]), done=Result.ANALYZED) is Result.LOCKED


@pytest.mark.parametrize(
    ("facts", "removed"),
    [
        ({"dead_before": 2000, "removed": 2000, "held": 0}, 2000),
        ({"dead_before": 3000, "removed": 0, "held": 1000}, 2000),
        ({"dead_before": 0, "removed": 700, "held": 0}, 700),
        ({"dead_before": 50, "dead_after": 80}, 0),
        ({"dead_before": 50, "dead_after": 10}, 40),
    ],
)
def test_rows_pruned_before_count_as_removed(facts: dict[str, Any], removed: int) -> None:
    assert removed_rows(Evidence(**facts)) == removed


@pytest.mark.parametrize(
    ("result", "reason", "phrase"),
    [
        (Result.VACUUMED, "", "vacuumed"),
        (Result.LOCKED, "pid 4711 (psql, alice)", "skipped: locked by pid 4711 (psql, alice)"),
        (Result.NO_PRIVILEGE, "", "skipped: no privilege"),
        (Result.DROPPED, "", "skipped: dropped"),
        (Result.OUT_OF_TIME, "", "skipped: out of time"),
        (Result.NOT_BEGUN, "cancelled", "skipped: cancelled"),
        (Result.HELD, "replication slot old (inactive)", "nothing removable: held by replication slot old (inactive)"),
        (Result.PARTLY_HELD, "pid 1", "partly removable: held by pid 1"),
        (Result.TIMED_OUT, "after its budget of 20 min 00 s", "timed out: after its budget of 20 min 00 s"),
        (Result.FAILED, "disk full", "failed: disk full"),
    ],
)
def test_a_verdict_reads_as_a_phrase(result: Result, reason: str, phrase: str) -> None:
    assert words(result, reason) == phrase
    assert ": ".join(filter(None, told(result, reason))) == phrase


DONE = TableResult(Result.VACUUMED, removed=4000)
LOCKED = TableResult(Result.LOCKED, "pid 4711 (psql, alice)")
BROKEN = TableResult(Result.FAILED, "disk full")


@pytest.mark.parametrize(
    ("tally", "state", "sentence"),
    [
        (Tally([]), "succeeded", "No table needed a vacuum."),
        (Tally([], [TableResult(Result.ANALYZED)]), "succeeded", "No table needed a vacuum, 1 table analysed."),
        (Tally([DONE]), "succeeded", "1 table vacuumed, 4,000 dead rows removed."),
        (
            Tally([DONE, DONE], [TableResult(Result.ANALYZED)] * 3),
            "succeeded",
            "2 tables vacuumed, 8,000 dead rows removed, 3 more analysed.",
        ),
        (
            Tally([DONE, LOCKED]),
            "warning",
            "1 table vacuumed, 4,000 dead rows removed; 1 skipped: locked by pid 4711 (psql, alice).",
        ),
        (
            Tally([DONE, LOCKED, LOCKED, TableResult(Result.DROPPED)]),
            "warning",
            "1 table vacuumed, 4,000 dead rows removed; 3 skipped: 2 locked, 1 dropped.",
        ),
        (
            Tally([DONE, TableResult(Result.HELD, "pid 9")]),
            "warning",
            "1 table vacuumed, 4,000 dead rows removed; 1 nothing removable: held by pid 9.",
        ),
        (Tally([DONE], findings=2), "warning", "1 table vacuumed, 4,000 dead rows removed; 2 findings."),
        (Tally([DONE, BROKEN]), "warning", "1 table vacuumed, 4,000 dead rows removed; 1 failed: disk full."),
        (
            Tally([DONE, BROKEN, BROKEN]),
            "failed",
            "1 table vacuumed, 4,000 dead rows removed; 2 failed.",
        ),
        (
            Tally([DONE, TableResult(Result.LOCKED, "pid 9", critical=True)]),
            "failed",
            (
                "1 table vacuumed, 4,000 dead rows removed; 1 skipped: locked by pid 9; "
                "1 table with a critical transaction age not done."
            ),
        ),
        (Tally([TableResult(Result.VACUUMED, critical=True)]), "succeeded", "1 table vacuumed, 0 dead rows removed."),
        (
            Tally(
                [DONE, TableResult(Result.LOST, "gone"), TableResult(Result.NOT_BEGUN, "connection lost")], lost="gone"
            ),
            "failed",
            (
                "Connection to the database lost: gone; 1 table vacuumed, 4,000 dead rows removed; "
                "1 skipped: connection lost; 1 connection lost: gone."
            ),
        ),
        (
            Tally([], [TableResult(Result.LOCKED, "pid 9")]),
            "warning",
            "No table needed a vacuum; 1 skipped: locked by pid 9 (statistics).",
        ),
        (Tally([], lost="gone"), "failed", "Connection to the database lost: gone; no table was vacuumed."),
    ],
)
def test_the_whole_ends_in_one_true_sentence(tally: Tally, state: str, sentence: str) -> None:
    assert conclude(tally) == (state, sentence)
