"""How a whole database maintenance ended: its state and one true sentence. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maintenance.rules.amounts import count
from maintenance.rules.examination_outcome import Look, phrases, unmeasured
from maintenance.rules.examination_outcome import State as Looked
from maintenance.rules.vacuum_verdict import BROKEN, DONE, HELD, SKIPPED, Result, words


@dataclass(frozen=True)
class TableResult:
    """What became of one planned table. `critical`: its age endangers the database."""

    result: Result
    reason: str = ""
    removed: int = 0
    critical: bool = False


@dataclass(frozen=True)
class Tally:
    """Everything that decides. `lost` says how the connection ended, empty when it did not; `findings` is a number.

    `looks` are the parts that only examine; `more_done` says what else was done; a `standby` cannot be vacuumed.
    """

    tables: Sequence[TableResult]
    analyzed: Sequence[TableResult] = ()
    lost: str = ""
    findings: int = 0
    looks: Sequence[Look] = ()
    more_done: str = ""
    standby: bool = False


State = Literal["succeeded", "warning", "failed"]


def conclude(tally: Tally) -> tuple[State, str]:
    """The state and the sentence, such as "12 tables vacuumed, 48,210 dead rows removed; 1 skipped: dropped." """
    failed = sum(table.result in (Result.FAILED, Result.LOST) for table in tally.tables)
    critical = [table for table in tally.tables if table.critical and table.result not in DONE]
    everything = [*tally.tables, *tally.analyzed]
    state: State = "succeeded"
    if tally.lost or critical or failed * 2 > len(tally.tables):
        state = "failed"
    elif (
        tally.findings
        or tally.standby
        or any(table.result not in DONE for table in everything)
        or any(look.state in (Looked.FAILED, Looked.OUT_OF_TIME) for look in tally.looks)
    ):
        state = "warning"
    return state, _sentence(tally, critical)


def _sentence(tally: Tally, critical: Sequence[TableResult]) -> str:
    parts = [f"Connection to the database lost: {tally.lost}"] if tally.lost else []
    parts.append("nothing vacuumed: the database is on a standby" if tally.standby else _work(tally))
    parts += [tally.more_done] if tally.more_done else []
    parts += _trouble([table for table in tally.tables if table.result not in DONE])
    parts += [f"{text} (statistics)" for text in _trouble([t for t in tally.analyzed if t.result not in DONE])]
    if critical:
        parts.append(f"{count(len(critical), 'table')} with a critical transaction age not done")
    parts += phrases(tally.looks)
    parts += [count(tally.findings, "finding")] if tally.findings else []
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}.{unmeasured(tally.looks)}"


def _work(tally: Tally) -> str:
    analyzed = sum(table.result in DONE for table in tally.analyzed)
    if not tally.tables:
        text = "no table was vacuumed" if tally.lost else "no table needed a vacuum"
        return f"{text}, {count(analyzed, 'table')} analysed" if analyzed else text
    vacuumed = sum(table.result in DONE for table in tally.tables)
    removed = sum(table.removed for table in tally.tables)
    text = f"{count(vacuumed, 'table')} vacuumed, {count(removed, 'dead row')} removed"
    return f"{text}, {analyzed:,} more analysed" if analyzed else text


def _trouble(tables: Sequence[TableResult]) -> list[str]:
    """One phrase for each kind of trouble; a single table says its own reason."""
    groups = (
        ("skipped", SKIPPED),
        ("with rows held back", HELD),
        ("failed", BROKEN),
        ("cancelled", {Result.CANCELLED}),
    )
    phrases = []
    for label, results in groups:
        found = [table for table in tables if table.result in results]
        if len(found) == 1:
            phrases.append(f"1 {words(found[0].result, found[0].reason)}")
        elif found:
            kinds = Counter(table.result.value for table in found)
            listed = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
            phrases.append(f"{len(found):,} {label}" + (f": {listed}" if set(kinds) != {label} else ""))
    return phrases
