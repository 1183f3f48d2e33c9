"""What became of one table: a verdict from what was seen before and after, and from what the server said. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

# More than this share of the dead rows left over means that something holds them.
LEFT_OVER: Final = 0.1

NOT_AVAILABLE: Final = "55P03"  # lock_not_available
NO_PRIVILEGE: Final = "42501"  # insufficient_privilege
GONE: Final = frozenset({"42P01", "3F000", "XX000"})  # undefined_table, invalid_schema_name, relation vanished underway
CANCELLED: Final = "57014"  # query_canceled: by a person, or by statement_timeout
WARNING: Final = "01000"  # the class of "permission denied to vacuum, skipping it"


class Result(Enum):
    """What became of a table. The value is the word in the report."""

    VACUUMED = "vacuumed"
    ANALYZED = "analysed"
    PARTLY_HELD = "partly removable"
    HELD = "nothing removable"
    NOT_FROZEN = "not frozen"
    LOCKED = "locked"
    NO_PRIVILEGE = "no privilege"
    DROPPED = "dropped"
    OUT_OF_TIME = "out of time"
    NOT_BEGUN = "not begun"
    TIMED_OUT = "timed out"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "connection lost"


DONE: Final = frozenset({Result.VACUUMED, Result.ANALYZED})
HELD: Final = frozenset({Result.HELD, Result.PARTLY_HELD, Result.NOT_FROZEN})
SKIPPED: Final = frozenset({Result.LOCKED, Result.NO_PRIVILEGE, Result.DROPPED, Result.OUT_OF_TIME, Result.NOT_BEGUN})
BROKEN: Final = frozenset({Result.FAILED, Result.TIMED_OUT, Result.LOST})


@dataclass(frozen=True)
class Evidence:
    """What is known after the statement.

    `exists`: the table is still there. `proven`: its `last_vacuum` (or `last_analyze`) is later than the start.
    `notices` are the SQLSTATEs of warnings, `error` that of the error, empty for none. `used_budget`: the statement
    ran for its whole budget. `removed` and `held` are VACUUM's own counts of rows, None when it did not give them.
    `for_dead_rows`: it was vacuumed for their sake, so that some left over are worth a word. `still_old`: its age is
    still over its limit.
    """

    exists: bool = True
    proven: bool = True
    may_maintain: bool = True
    notices: Collection[str] = ()
    error: str = ""
    used_budget: bool = False
    dead_before: int = 0
    dead_after: int = 0
    removed: int | None = None
    held: int | None = None
    for_dead_rows: bool = True
    still_old: bool = False


def judge(evidence: Evidence, *, done: Result = Result.VACUUMED) -> Result:
    """The verdict on one table. Only what is proven is done: a statement without an error may have skipped it."""
    if evidence.error:
        return _judge_error(evidence)
    if not evidence.proven:
        return _judge_skipped(evidence)
    if done is not Result.VACUUMED:
        return done
    before = max(evidence.dead_before, (evidence.removed or 0) + (evidence.held or 0))
    after = evidence.held if evidence.held is not None else evidence.dead_after
    if evidence.for_dead_rows and after > LEFT_OVER * before:
        return Result.PARTLY_HELD if removed_rows(evidence) else Result.HELD
    return Result.NOT_FROZEN if evidence.still_old else Result.VACUUMED


def removed_rows(evidence: Evidence) -> int:
    """How many dead rows VACUUM removed.

    Its own count leaves out those that reading the table had pruned to a stub before; the statistics count them.
    """
    left = evidence.held if evidence.held is not None else evidence.dead_after
    return max(0, evidence.removed or 0, evidence.dead_before - left)


def _judge_error(evidence: Evidence) -> Result:
    if evidence.error == NOT_AVAILABLE:
        return Result.LOCKED
    if evidence.error == NO_PRIVILEGE:
        return Result.NO_PRIVILEGE
    if evidence.error == CANCELLED and evidence.used_budget:
        return Result.TIMED_OUT
    if evidence.error in GONE and not evidence.exists:
        return Result.DROPPED
    return Result.FAILED


def _judge_skipped(evidence: Evidence) -> Result:
    """The statement went through, and yet the table was not worked on."""
    if not evidence.exists:
        return Result.DROPPED
    if NOT_AVAILABLE in evidence.notices:
        return Result.LOCKED
    if NO_PRIVILEGE in evidence.notices or (WARNING in evidence.notices and not evidence.may_maintain):
        return Result.NO_PRIVILEGE
    return Result.FAILED


def told(result: Result, reason: str = "") -> tuple[str, str]:
    """A verdict and its reason for people, such as ("skipped", "locked by pid 4711 (psql, alice)")."""
    if result is Result.LOCKED:
        reason = f"locked by {reason}" if reason else "locked"
    elif result in (Result.NO_PRIVILEGE, Result.DROPPED, Result.OUT_OF_TIME):
        reason = result.value
    elif result in HELD and reason:
        reason = f"held by {reason}"
    return ("skipped" if result in SKIPPED else result.value), reason


def words(result: Result, reason: str = "") -> str:
    """The same as one phrase: `skipped: dropped`, `nothing removable: held by …`."""
    return ": ".join(part for part in told(result, reason) if part)
