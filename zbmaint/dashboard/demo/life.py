"""The life of one generated ticket: what `incidents.actions` would have written had it been done to it then."""

from __future__ import annotations

import datetime as dt
from typing import Any

from incidents.models import ResolutionCode
from incidents.rules import resolution
from zbmaint.access.models import Person
from zbmaint.dashboard.demo.state import LAG, Kind, State, Vendor
from zbmaint.ui.words import duration_in_words

CLOSES_EVERY = 600.0  # seconds between two looks for what is to be closed


class Life(State):
    """A ticket, and what people and sources do to it. The times of what is done come in order."""

    def claim(self, at: dt.datetime, actor: Person) -> None:
        """They take it, or accept that it is theirs."""
        self._begin(at, actor)
        mine = self.assignee is actor
        self._set("assignee", actor)
        self.accepted_at = self.accepted_at if mine and self.accepted_at else at
        if self.status == "open":
            self._set("status", "in_progress")
        what = "acknowledged" if mine else "claimed"
        self._tell(Kind.STATUS if mine else Kind.ASSIGNED, _with(f"{what} it", self._respond(what)))
        self.watch(actor)
        self._commit(f"ticket_{what}")

    def assign(self, at: dt.datetime, actor: Person, person: Person | None) -> None:
        """They give it to `person`, or take it away."""
        self._begin(at, actor)
        self._set("assignee", person)
        self.accepted_at = at if person is actor else None
        said = (
            f"assigned it to {person}" if person and person is not actor else "took it" if person else "unassigned it"
        )
        self._tell(Kind.ASSIGNED, _with(said, self._respond("assigned")))
        self.watch(person)
        self._commit()

    def comment(self, at: dt.datetime, actor: Person, text: str) -> None:
        """They write something down."""
        self._begin(at, actor)
        response = self._respond("commented")
        said: dict[str, Any] = {"response": response} if response else {}
        self._tell(Kind.COMMENT, text, **said)
        self.watch(actor)
        self._commit()

    def edit(self, at: dt.datetime, actor: Person, *, tags: list[str] | None = None, severity: str = "") -> None:
        """They change its tags or its severity, after the tier has answered."""
        self._begin(at, actor)
        if tags is not None:
            self._set("tags", sorted(tags))
            self.tags = sorted(tags)
            self._tell(Kind.EDITED, "changed tags")
        if severity:
            self._raise(severity)
        self._commit()

    def hand(self, at: dt.datetime, actor: Person, to: int, criterion: str, reason: str) -> None:
        """They hand it to the next tier, or back to the one before."""
        self._begin(at, actor)
        up, start = to > self.tier, self.tier
        response = self._respond("escalated" if up else "handed back")
        self.watch(actor)
        self.watch(self.assignee)
        self._leave()
        self._set("tier", to)
        self._set("assignee", None)
        self.accepted_at = None
        said = f"{'escalated it' if up else 'handed it back'} from tier {start} to tier {to}: {criterion}"
        kind = Kind.ESCALATED if up else Kind.HANDED_BACK
        self._tell(kind, _with(said, response), criterion=criterion, reason=reason)
        self._enter("escalated" if up else "handed_back", criterion, reason)
        self._assign()
        self._commit()

    def to_vendor(self, vendor: Vendor, *, pause_until: dt.datetime | None = None) -> None:
        """They take it outside; it stays in its tier."""
        self._begin(vendor.at, vendor.by)
        response = self._respond("escalated to a vendor")
        self.vendors.append(vendor)
        said = f"escalated it to {vendor.name}, reference {vendor.reference or 'not known yet'}: {vendor.criterion}"
        facts: dict[str, Any] = {"criterion": vendor.criterion, "reason": vendor.reason, "contact": vendor.contact}
        self._tell(Kind.VENDOR, _with(said, response), **facts)
        self.watch(vendor.by)
        if pause_until is not None:
            self._stop(pause_until, f"Waiting for {vendor.name}")
        self._commit()

    def pause(self, at: dt.datetime, actor: Person, until: dt.datetime, reason: str) -> None:
        """They stop its clocks until then."""
        self._begin(at, actor)
        self._stop(until, reason)
        self._commit()

    def resume(self, at: dt.datetime, actor: Person) -> None:
        """They let it go on before the pause ends by itself; nothing, when it has."""
        self._begin(at, actor)
        halt = self.stay.halt if self.stay else None
        if self.stay is None or halt is None:
            return
        halt.ended_at = at
        self._tell(Kind.RESUMED, f"let it go on after a pause of {duration_in_words(at - halt.begun_at)}")
        self.stay.refresh(at)
        self._commit()

    def resolve(self, at: dt.datetime, actor: Person, code: str, note: str) -> None:
        """They end it."""
        self._begin(at, actor)
        response = self._respond("resolved")
        self._end(code, note)
        said = f"resolved it after {duration_in_words(self.taken.wall)}: {ResolutionCode(code).label.lower()}"
        self._tell(Kind.STATUS, _with(said, response), code=code, note=note)
        self._commit("ticket_resolved")

    def close(self, at: dt.datetime, actor: Person | None, days: int = 0) -> None:
        """They put it away; None: by itself after `days`."""
        self._begin(at, actor)
        self._set("status", "closed")
        self.closed_at = at
        self._tell(Kind.STATUS, "closed it" if actor else f"closed it: resolved for {days} days")
        self._commit("ticket_closed")

    def reopen(self, at: dt.datetime, actor: Person, reason: str) -> None:
        """They take it up again."""
        self._begin(at, actor)
        self._set("status", "open")
        self._set("resolution_code", "")
        self.resolution_note, self.resolved_at, self.closed_at, self.accepted_at = "", None, None, None
        self.taken = resolution.Taken()
        self.reopened += 1
        self._tell(Kind.STATUS, f"reopened it: {reason}")
        self._enter("reopened", reason=reason)
        self.watch(actor)
        self._commit("ticket_reopened")

    # -- what its source does to it -------------------------------------------------------------------------------

    def repeat(self, at: dt.datetime, text: str, severity: str, data: dict[str, Any]) -> None:
        """Its alert comes again; `severity` is the worse of the two."""
        self._begin(at, None)
        self._set("occurrences", self.occurrences + 1)
        self.last_seen_at, self.cleared_at = at, None
        self._tell(Kind.REPEATED, text, **data)
        if severity != self.severity:
            self._raise(severity)
        self._commit("ticket_repeated")

    def clear(self, at: dt.datetime, text: str, by_itself: str, data: dict[str, Any]) -> None:
        """Its source is clear: what nobody has begun is resolved by that, and the timeline says `by_itself`."""
        self._begin(at, None)
        resolves = self.status == "open" and not self.touched
        if self.cleared_at is not None and not resolves:
            return
        if self.cleared_at is None:
            self._change("clear", False, True)
        self.cleared_at = at
        self._tell(Kind.CLEARED, text, **data)
        if resolves:
            self._end(ResolutionCode.BY_ITSELF, "")
            self._tell(Kind.STATUS, by_itself, code=ResolutionCode.BY_ITSELF)
        self._commit("ticket_resolved" if resolves else "ticket_cleared")

    def settle(self, now: dt.datetime, close_days: int) -> None:
        """Nothing more is done to it: what the ticker has done by `now` is."""
        self._pass(now, at_last=True)
        if self.status == "resolved" and self.resolved_at is not None:
            due = self.resolved_at + dt.timedelta(days=close_days)
            if due <= now:
                self.close(min(due + CLOSES_EVERY / LAG * self._lag, now), None, close_days)


def _with(said: str, response: str) -> str:
    return f"{said}; {response}" if response else said
