"""Many people who write to the same few tickets at once, and what must hold of the tickets afterwards."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Event, Lock, Thread
from typing import Any

from django.db import connection
from django.utils import timezone

from incidents.actions import assignment, comments, editing, handing, passing, pausing, statuses
from incidents.actions.changing import as_fact
from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Pause, Severity, Ticket, Tier
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry


@dataclass(frozen=True)
class Receipt:
    """What a writer was told: that it is done, in this version; and what they had seen and written."""

    what: str
    number: int
    version: int
    writer: str
    seen: str
    wrote: str


def together(works: Sequence[Callable[[], None]]) -> list[Exception]:
    """Do all of it at once, each in a thread of its own; returns what went wrong."""
    problems: list[Exception] = []

    def do(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as problem:  # shown by the test
            problems.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


class Storm:
    """Writers who do anything that there is to do to the tickets, for `seconds` or `acts` each, and a ticker."""

    def __init__(self, tickets: Sequence[Ticket], writers: Sequence[Person], *, seed: int = 1) -> None:
        self.numbers = [ticket.number for ticket in tickets]
        self.writers = writers
        self.seed = seed
        self.receipts: list[Receipt] = []
        self.refused: Counter[str] = Counter()
        self.lengths: list[float] = []
        self._lock = Lock()
        self._over = Event()
        self._deadline = 0.0
        self._acts = 0

    def blow(self, *, seconds: float = 600, acts: int = 1_000_000) -> list[Exception]:
        """Returns what went wrong."""
        self._deadline, self._acts = time.monotonic() + seconds, acts
        ticker = Thread(target=self._tick)
        ticker.start()
        try:
            return together([lambda place=place: self._write(place) for place in range(len(self.writers))])  # type: ignore[misc]
        finally:
            self._over.set()
            ticker.join()

    def _tick(self) -> None:
        try:
            while not self._over.wait(0.1):
                pausing.resume_ended(timezone.now())
                passing.record_passed(timezone.now())
        finally:
            connection.close()

    def _write(self, place: int) -> None:
        chance, writer = random.Random(self.seed * 1000 + place), self.writers[place]
        for turn in range(self._acts):
            if time.monotonic() > self._deadline:
                return
            ticket = Ticket.objects.select_related("tier").get(number=chance.choice(self.numbers))
            what = chance.choice(("claim", "assign", "edit", "severity", "hand", "resolve", "pause"))
            what = what if ticket.is_unfinished else chance.choice(("reopen", "close", "edit", "resolve"))
            what = "comment" if chance.random() < 0.25 else what
            wrote, begun = f"{writer}, {turn}", time.monotonic()
            try:
                changed = self._do(what, ticket, writer, wrote, chance)
            except (TicketRefused, Conflict) as why:
                with self._lock:
                    self.refused[type(why).__name__] += 1
                continue
            receipt = Receipt(what, ticket.number, changed.version, str(writer), ticket.title, wrote)
            with self._lock:
                self.receipts.append(receipt)
                self.lengths.append(time.monotonic() - begun)

    def _do(self, what: str, ticket: Ticket, writer: Person, wrote: str, chance: random.Random) -> Ticket:
        who: dict[str, Any] = {"actor": writer, "seen": ticket.version}
        number = ticket.number
        if what == "hand":
            up = not ticket.tier.is_last and (ticket.tier_id == 1 or chance.random() < 0.5)
            below = ticket.tier if up else Tier.objects.get(number=ticket.tier_id - 1)
            criterion = (below.criteria if up else below.responsibilities)[0]
            return (handing.escalate if up else handing.hand_back)(number, criterion=criterion, reason=wrote, **who)
        if what == "severity":
            return editing.edit(number, {"severity": chance.choice(Severity.values)}, **who)
        ways: dict[str, Callable[[], Ticket]] = {
            "claim": lambda: assignment.claim(number, **who),
            "assign": lambda: assignment.assign(number, chance.choice([None, *self.writers]), **who),
            "edit": lambda: editing.edit(number, {"title": wrote}, **who),
            "resolve": lambda: statuses.resolve(number, code="fixed", note=wrote, **who),
            "reopen": lambda: statuses.reopen(number, reason=wrote, **who),
            "close": lambda: statuses.close(number, **who),
            "comment": lambda: comments.comment(number, wrote, actor=writer),
            "pause": lambda: pausing.pause(number, until=_soon(chance), reason=wrote, **who),
        }
        return ways[what]()

    def summary(self) -> str:
        """What was done, how often it was refused, and how long an act took."""
        done, lengths = Counter(receipt.what for receipt in self.receipts), sorted(self.lengths)
        middle, most = (lengths[int(len(lengths) * share)] * 1000 for share in (0.5, 0.95))
        listed = ", ".join(f"{what} {count}" for what, count in done.most_common())
        refused = ", ".join(f"{why} {count}" for why, count in sorted(self.refused.items()))
        return (
            f"{len(self.writers)} writers on {len(self.numbers)} tickets: {len(self.receipts)} acts acknowledged "
            f"({listed}); not done: {refused}; an act took {middle:.0f} ms, 95 % less than {most:.0f} ms"
        )

    def check(self) -> None:
        """See that nothing was lost, doubled or mixed up."""
        for ticket in Ticket.objects.filter(number__in=self.numbers):
            own = [receipt for receipt in self.receipts if receipt.number == ticket.number]
            _check_versions(ticket, own)
            _check_fields(ticket, own)
            _check_owners(ticket)
            _check_stays(ticket)
            said = sorted(receipt.wrote for receipt in own if receipt.what == "comment")
            assert sorted(ticket.entries.filter(kind="comment").values_list("text", flat=True)) == said


def _soon(chance: random.Random) -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=chance.uniform(0.1, 2))


def _check_versions(ticket: Ticket, own: list[Receipt]) -> None:
    versions = ticket.entries.order_by("version").values_list("version", flat=True).distinct()
    assert list(versions) == list(range(1, ticket.version + 1))
    assert AuditEntry.objects.filter(target_kind="ticket", target_id=str(ticket.pk)).count() == ticket.version
    wrote = [receipt for receipt in own if receipt.what != "severity"]  # one that is so already writes nothing
    assert len({receipt.version for receipt in wrote}) == len(wrote)
    for receipt in wrote:
        assert ticket.entries.filter(version=receipt.version, actor__username=receipt.writer).exists(), receipt


def _check_fields(ticket: Ticket, own: list[Receipt]) -> None:
    """Every change began with what the one before it had left, and with what its writer had seen."""
    known: dict[str, object] = {"title": "Nobody can print", "status": "open", "tier": 1, "severity": "medium"}
    seen = {receipt.version: receipt for receipt in own if receipt.what == "edit"}
    for entry in ticket.entries.filter(data__has_key="changed").order_by("version", "id"):
        for field, (before, now) in entry.data["changed"].items():
            assert known.get(field, before) == before, (field, entry.version)
            known[field] = now
            if field == "title":
                assert (before, now) == (seen[entry.version].seen, seen[entry.version].wrote)
    for field, value in known.items():
        assert as_fact(getattr(ticket, field)) == value, field


def _check_owners(ticket: Ticket) -> None:
    """Replay who had it: nobody took it from somebody who had accepted it."""
    holder: str | None = None
    accepted = False
    for version in range(1, ticket.version + 1):
        had = holder
        for entry in ticket.entries.filter(version=version).select_related("actor").order_by("id"):
            actor = str(entry.actor) if entry.actor else None
            if entry.text.startswith("claimed it"):
                assert holder is None or not accepted, (version, holder, actor)
            if entry.text.startswith("reopened it"):
                accepted = False
            if "assignee" in entry.data.get("changed", {}):
                holder = entry.data["changed"]["assignee"][1]
                accepted = holder is not None and holder == actor
            if actor is not None and actor == holder == had:
                accepted = True
    assert (str(ticket.assignee or "") or None, ticket.accepted_at is not None) == (holder, accepted)


def _check_stays(ticket: Ticket) -> None:
    stays = list(ticket.stints.order_by("entered_at", "id"))
    assert [stay.pk for stay in stays if stay.left_at is None] == [stays[-1].pk] * ticket.is_unfinished
    for one, other in pairwise(stays):
        assert one.left_at is not None
        assert one.left_at <= other.entered_at
    for stay in stays:
        standing = stay.clock_events.filter(void_at=None).values_list("clock", "threshold")
        assert len(set(standing)) == len(standing)
    running = Pause.objects.filter(ticket=ticket, ended_at=None).values_list("until", flat=True)
    assert list(running) == ([ticket.paused_until] if ticket.paused_until else [])
