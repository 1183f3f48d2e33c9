"""A generated ticket as it is kept: its fields, its timeline and its stay, and how one change of it is written."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any

from incidents.models import Entry
from incidents.models.entry import HAD
from incidents.rules import recurrence, resolution, responding
from incidents.rules.business_time import ALWAYS
from incidents.rules.clocks import BREACH
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.audit import Deed
from zbmaint.dashboard.demo.desk import Asking, Desk
from zbmaint.dashboard.demo.stay import Halt, Passed, Stay
from zbmaint.ui.words import duration_in_words, moment

Kind = Entry.Kind
_NEVER: dt.datetime | None = None
LAG = 4.5  # seconds at most, after which the ticker has seen what passed


@dataclass(slots=True)
class Opened:
    """What a ticket begins as. `category` is a key; `on_call` false: nobody was."""

    title: str
    reporter: str
    description: str = ""
    severity: str = "medium"
    category: str = ""
    tier: int = 1
    tags: tuple[str, ...] = ()
    reported_by: Person | None = None
    source: str = ""
    key: str = ""
    on_call: bool = True


@dataclass(slots=True)
class Line:
    """A line of the timeline."""

    kind: str
    text: str
    at: dt.datetime
    actor: Person | None
    data: dict[str, Any]
    version: int = 0


@dataclass(slots=True)
class Vendor:
    """That a ticket was taken outside."""

    name: str
    reference: str
    contact: str
    criterion: str
    reason: str
    at: dt.datetime
    by: Person


class State:
    """A ticket from its opening on, changed as `incidents.actions.changing` changes one.

    Each change begins with `_begin`, says its lines with `_tell` and ends with `_commit`, in the order of its time.
    """

    def __init__(
        self,
        desk: Desk,
        number: int,
        opened: Opened,
        at: dt.datetime,
        chance: random.Random,
        *,
        by: Person | None,
        said: str = "opened it",
        **data: Any,
    ) -> None:
        self.desk, self.number, self.opened, self.chance = desk, number, opened, chance
        self.id = _id(at, chance)
        self.created_at = self.updated_at = self.last_seen_at = self.now = at
        self.title, self.severity, self.tags = opened.title, opened.severity, sorted(opened.tags)
        self.kind = recurrence.kind_of(
            source=opened.source, key=opened.key, category=opened.category, title=opened.title
        )
        self.status, self.tier, self.version, self.occurrences = "open", opened.tier, 0, 1
        self.assignee: Person | None = None
        self._had: int | None = None
        self.accepted_at: dt.datetime | None = None
        self.first_response_at: dt.datetime | None = None
        self.resolved_at, self.closed_at, self.cleared_at = _NEVER, _NEVER, _NEVER
        self.resolution_code, self.resolution_note = "", ""
        self.taken = resolution.Taken()
        self.reopened = 0
        self.lines: list[Line] = []
        self.deeds: list[Deed] = []
        self.stays: list[Stay] = []
        self.vendors: list[Vendor] = []
        self.watchers: dict[Person, dt.datetime] = {}
        self._lag = dt.timedelta(seconds=0.3 + (LAG - 0.3) * chance.random())
        self._begin(at, by)
        self._enter("opened")
        self._tell(Kind.OPENED, said, **data)
        self.watch(by)
        self._assign(on_call=opened.on_call)
        self._commit("ticket_opened")

    # -- what is known of it --------------------------------------------------------------------------------------

    @property
    def stay(self) -> Stay | None:
        """Its present stay; None while it is finished."""
        return self.stays[-1] if self.stays and self.stays[-1].left_at is None else None

    @property
    def due_at(self) -> dt.datetime | None:
        """When its next target is missed; None while no clock runs."""
        stay = self.stay
        return stay.response_due_at if stay is not None and stay.responded_at is None else None

    @property
    def touched(self) -> bool:
        """Whether a person has written to its timeline."""
        return any(line.actor is not None for line in self.lines)

    def watch(self, person: Person | None) -> None:
        """`person` follows it."""
        if person is not None:
            self.watchers.setdefault(person, self.now)

    # -- how a change is written ----------------------------------------------------------------------------------

    def _begin(self, at: dt.datetime, actor: Person | None) -> None:
        if self.lines:
            self._pass(at)
        self.now, self._actor = at, actor
        self._first_line = len(self.lines)
        self._before: dict[str, Any] = {}
        self._after: dict[str, Any] = {}
        self._untold: dict[str, list[Any]] = {}

    def _set(self, field: str, value: Any) -> None:
        before = getattr(self, field)
        if before is value or before == value:
            return
        setattr(self, field, value)
        if field == "assignee":
            self._had = before.pk if before is not None else None
        self._change(field, str(before) if isinstance(before, Person) else before, value)

    def _change(self, field: str, before: Any, after: Any) -> None:
        after = str(after) if isinstance(after, Person) else after
        self._before.setdefault(field, before)
        self._after[field] = after
        self._untold[field] = [before, after]

    def _tell(self, kind: str, text: str, *, by_itself: bool = False, **data: Any) -> None:
        if "assignee" in self._untold:
            data[HAD] = self._had
        if self._untold:
            data["changed"], self._untold = self._untold, {}
        self.lines.append(Line(kind, text, self.now, None if by_itself else self._actor, data))

    def _commit(self, verb: str = "") -> None:
        self.version += 1
        self.updated_at = self.now
        if self.assignee is not None and self._actor is self.assignee and self.accepted_at is None:
            self.accepted_at = self.now
        for line in self.lines[self._first_line :]:
            line.version = self.version
        verb = verb or f"ticket_{self.lines[self._first_line].kind}"
        self._after["version"] = self.version
        label = f"INC-{self.number}"
        self.deeds.append(
            Deed(self.now, self._actor, verb, "ticket", self.id, label, self._after, before=self._before or None)
        )

    def _respond(self, what: str) -> str:
        stay, actor = self.stay, self._actor
        if stay is None or actor is None or stay.responded_at is not None:
            return ""
        mine = self.assignee is actor
        if not responding.counts(actor_tier=actor.tier, tier=self.tier, is_assignee=mine):
            return ""
        self._say(stay.record(self.now))
        took = stay.clock.used(self.now)
        stay.responded_at, stay.responded_by, stay.response = self.now, actor, what
        stay.refresh(self.now)
        self.first_response_at = self.first_response_at or self.now
        verdict = "late, after" if stay.breached_at else "met in"
        return f"Tier {stay.tier} response {verdict} {duration_in_words(took)}"

    def _say(self, passed: list[Passed]) -> None:
        for each in passed:
            said = (
                "first response target missed"
                if each.threshold == BREACH
                else f"first response at {each.threshold} % of its target"
            )
            data = {"clock": "response", "threshold": each.threshold, "moment": each.moment.isoformat()}
            self.lines.append(Line(Kind.CLOCK, said, self.now, None, data))

    def _enter(self, how: str, criterion: str = "", reason: str = "") -> None:
        seconds = self.desk.seconds[self.tier, self.severity]
        stay = Stay(self.tier, how, self.now, self._actor, seconds, criterion, reason)
        stay.refresh(self.now)
        self.stays.append(stay)

    def _leave(self) -> None:
        stay = self.stay
        if stay is None:
            return
        self._say(stay.record(self.now))
        if (halt := stay.halt) is not None:
            halt.ended_at = self.now
        stay.left_at = self.now

    def _assign(self, *, on_call: bool = True) -> None:
        opened = self.opened
        text = f"{self.title} {opened.description}"
        asking = Asking(self.tier, self.severity, opened.category, text, opened.source)
        named = self.desk.choose(asking, self.now, self.chance, on_call=on_call)
        self._set("assignee", named.person)
        self.accepted_at = None
        self._tell(Kind.ASSIGNED, named.said, by_itself=True, why=named.why)

    def _stop(self, until: dt.datetime, reason: str) -> None:
        stay, actor = self.stay, self._actor
        assert stay is not None  # noqa: S101  # nobody pauses what is finished
        assert actor is not None  # noqa: S101
        self._say(stay.record(self.now))
        stay.halts.append(Halt(self.now, until, reason, actor))
        self._tell(Kind.PAUSED, f"paused it until {moment(until)}: {reason}", until=until.isoformat())
        stay.refresh(self.now)

    def _raise(self, severity: str) -> None:
        before, stay, due = self.severity, self.stay, self.due_at
        facts: dict[str, Any] = {}
        if stay is not None:
            self._say(stay.record(self.now))
            stay.response_seconds = self.desk.seconds[self.tier, severity]
            stay.refresh(self.now)
            facts = {"due_before": due and due.isoformat(), "due_now": self.due_at and self.due_at.isoformat()}
        self._set("severity", severity)
        self._tell(Kind.SEVERITY, f"changed the severity from {before} to {severity}", **facts)

    def _end(self, code: str, note: str) -> None:
        self._leave()
        self._set("status", "resolved")
        self.resolved_at = self.now
        self._set("resolution_code", code)
        self.resolution_note = note
        self.taken = resolution.taken(
            resolution.Stay(stay.entered_at, stay.left_at, ALWAYS, stay.ended_halts)
            for stay in self.stays
            if stay.left_at is not None
        )

    def _pass(self, until: dt.datetime, *, at_last: bool = False) -> None:
        """What the ticker did by itself before `until`: it recorded what passed, and let go on what was paused.

        `at_last`: it has done so with all that was due by then.
        """
        while (stay := self.stay) is not None:
            moments = [stay.next[1]] if stay.next is not None else []
            halt = stay.halt
            moments += [halt.until] if halt is not None else []
            at = min(moments, default=None)
            if at is None or at > until:
                return
            seen = max(at + self._lag, self.now)
            if seen >= until and not at_last:
                return
            self.now = min(seen, until)
            self._by_itself(halt is not None and halt.until == at)

    def _by_itself(self, resumes: bool) -> None:
        stay = self.stay
        assert stay is not None  # noqa: S101  # only a stay has something to pass
        self._actor, self._first_line = None, len(self.lines)
        self._before, self._after, self._untold = {}, {}, {}
        if resumes and stay.halt is not None:
            halt = stay.halt
            halt.ended_at = halt.until
            self._tell(Kind.RESUMED, f"went on after {duration_in_words(halt.until - halt.begun_at)}")
            stay.refresh(self.now)
            self._commit()
        else:
            self._say(stay.record(self.now))
            self._commit("ticket_clock_passed")


def _id(at: dt.datetime, chance: random.Random) -> str:
    """An id that follows those before it (version 7), so that a million of them fill their indexes from one side."""
    milliseconds = int(at.timestamp() * 1000)
    bits = chance.getrandbits(74)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1))
