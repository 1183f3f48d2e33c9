"""Taking in what a source tells of a group: one ticket a group, one row an alert, one line a delivery."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from incidents.actions import alert_rows
from incidents.actions.changing import Kind, changing
from incidents.actions.editing import raise_severity
from incidents.actions.intake import Raised, fires_again, link_to, mark_clear, open_for
from incidents.intake.alert import Alert
from incidents.intake.group import CLOCK_AHEAD, SEVERITY_UNKNOWN, Group, Instance
from incidents.models import AlertGroup, Source, Ticket, TicketAlert
from incidents.rules import severities, telling, texts
from incidents.rules.episodes import FIRING, News, judge
from zbmaint.queue.locks import transaction_lock, transaction_locks

NEWS = frozenset({News.FIRED, News.AGAIN, News.RESOLVED})
ODD = {
    SEVERITY_UNKNOWN: "of a severity that the map of the source does not know, taken as its default",
    CLOCK_AHEAD: "with times in the future: the clock of the source is ahead",
    alert_rows.TOLD_LATE: "that began long before: told late, or the clock of the source is behind",
}


@dataclass(frozen=True)
class Delivered:
    """A group, and when it came."""

    group: Group
    received_at: dt.datetime


@dataclass(frozen=True)
class Told:
    """An alert, its row merged with what was told, and what is new in it."""

    row: TicketAlert
    instance: Instance
    news: News


@transaction.atomic
def take(source: Source, delivered: Sequence[Delivered]) -> list[Counter[str]]:
    """Take in groups in the order in which they came; returns how many alerts of each were what news.

    An alert that fires in an unfinished ticket stays there, also when its source has given the group another key.
    Others join the unfinished ticket of the group, or open it. Absence of an alert says nothing. The ticket is clear
    when all that ever stood in it is resolved, and the source has left nothing out. What came twice counts once.
    """
    transaction_lock(f"source:{source.pk}")  # deliveries of one source come one after the other
    takings = [_Taking(source, each.group, each.received_at) for each in delivered]
    waiting = takings
    while waiting:
        together = _strangers(source, waiting)
        _take_in(source, together)
        waiting = waiting[len(together) :]
    return [taking.counts for taking in takings]


def _strangers(source: Source, waiting: Sequence[_Taking]) -> Sequence[_Taking]:
    """The first of those that wait, up to one that has a group, an alert or a ticket in common with one before it.

    Each knows its tickets then. All that wait are locked: the keys of their tickets, then the tickets, both in order.
    """
    told = {fingerprint for taking in waiting for fingerprint in taking.told}
    rows = alert_rows.in_unfinished(source, told)
    of = Ticket.objects.filter(pk__in={row.ticket_id for row in rows})
    keys = set(of.values_list("key", flat=True)) | {taking.group.key for taking in waiting}
    transaction_locks(f"ticket:{source.slug}:{key}" for key in keys)
    mine = Ticket.objects.unfinished().filter(source=source.slug, key__in=keys)
    locked = list(mine.order_by("number").select_for_update().values_list("pk", "number", "key"))
    numbers, own = {pk: number for pk, number, _ in locked}, {key: pk for pk, _, key in locked}
    found: dict[str, list[TicketAlert]] = defaultdict(list)
    for row in rows:
        if row.ticket_id in numbers:
            found[row.fingerprint].append(row)
    known: set[object] = set()
    for place, taking in enumerate(waiting):
        touched = taking.find(found, numbers, own.get(taking.group.key))
        if not known.isdisjoint(touched):
            return waiting[:place]
        known |= touched
    return waiting


def _take_in(source: Source, takings: Sequence[_Taking]) -> None:
    """Take in what has nothing in common: as if one came after the other, by as many statements as one of them."""
    unplaced = [(each, taking.received_at) for taking in takings for each in taking.place()]
    past = alert_rows.latest_in_finished(source, [each.fingerprint for each, _ in unplaced])
    over = alert_rows.over_already(source, [(each, at) for each, at in unplaced if each.is_firing])
    for taking in takings:
        taking.settle(past, over)
    alert_rows.keep([row for taking in takings for row in taking.stragglers])
    alert_rows.keep_early(source, [(each, taking.received_at) for taking in takings for each in taking.early])
    for taking in takings:
        taking.join()
    _open([taking for taking in takings if taking.needs_ticket])


def _open(takings: Sequence[_Taking]) -> None:
    if not takings:
        return
    tickets = open_for(*(taking.raised() for taking in takings))
    rows, groups = [], []
    for taking, ticket in zip(takings, tickets, strict=True):
        rows += taking.rows_for(ticket.pk, taking.fired)
        native_key, truncated = taking.group.native_key, taking.group.truncated
        groups.append(AlertGroup(ticket=ticket, source=taking.source, native_key=native_key, truncated=truncated))
    alert_rows.keep(rows)
    AlertGroup.objects.bulk_create(groups)


class _Taking:
    """One delivery on its way into the tickets, inside the transaction."""

    def __init__(self, source: Source, group: Group, received_at: dt.datetime) -> None:
        self.source, self.group, self.received_at = source, group, received_at
        self.told = {each.fingerprint: each for each in group.instances}
        self.counts: Counter[str] = Counter()
        self.rows: dict[str, list[TicketAlert]] = {}  # of its alerts in unfinished tickets, by fingerprint
        self.numbers: Mapping[uuid.UUID, int] = {}  # of the unfinished tickets
        self.own: uuid.UUID | None = None  # the one of the group
        self.unplaced: list[Instance] = []
        self.placed: dict[uuid.UUID, list[Told]] = defaultdict(list)
        self.fired: list[Told] = []  # what is in no ticket yet
        self.stragglers: list[TicketAlert] = []
        self.early: list[Instance] = []
        self.previous: Ticket | None = None

    @property
    def needs_ticket(self) -> bool:
        """Whether one is to be opened for it."""
        return bool(self.fired) and self.own is None

    def find(
        self, rows: Mapping[str, list[TicketAlert]], numbers: Mapping[uuid.UUID, int], own: uuid.UUID | None
    ) -> set[object]:
        """Know the unfinished tickets that it is about, which are locked; returns by what it may meet others."""
        self.rows = {fingerprint: rows[fingerprint] for fingerprint in self.told if fingerprint in rows}
        self.numbers, self.own = numbers, own
        tickets = {row.ticket_id for found in self.rows.values() for row in found} | ({own} if own else set())
        return {*tickets, *self.told, ("group", self.group.key)}

    def place(self) -> list[Instance]:
        """Merge what is told with the rows that are there; returns what stands in no unfinished ticket."""
        for fingerprint, instance in self.told.items():
            row = _chosen(self.rows.get(fingerprint, ()), self.own, firing=instance.is_firing)
            if row is None:
                self.unplaced.append(instance)
            else:
                self.placed[row.ticket_id].append(self._merged(row, instance))
        return self.unplaced

    def settle(self, past: Mapping[str, TicketAlert], over: Collection[str]) -> None:
        """What stands in no unfinished ticket: new alerts, stragglers of ended tickets, ends of what never came."""
        for each in self.unplaced:
            row = past.get(each.fingerprint)
            if row is not None and _belongs_to_the_past(row, each, self.received_at):
                self.stragglers.append(self._merged(row, each).row)
            elif not each.is_firing:
                self.early.append(each)
                self.counts[News.UNMATCHED] += 1
            elif each.fingerprint in over:
                self.counts[News.LATE] += 1
            else:
                self.previous = row.ticket if row else self.previous
                self.fired.append(Told(alert_rows.fresh(self.source, each, self.received_at), each, News.FIRED))
                self.counts[News.FIRED] += 1

    def join(self) -> None:
        """Bring what was told into the tickets that are there."""
        if self.fired and self.own is not None:
            self.placed[self.own] += self.fired
        for pk in sorted(self.placed, key=self.numbers.__getitem__):
            self._join(pk, self.placed[pk])

    def raised(self) -> Raised:
        """What opens its ticket."""
        facts = _odd(self.fired)
        facts["note"] = "\n\n".join(filter(None, [f"{self._line(self.fired)}.", facts.get("note", "")]))
        return Raised(self._alert(), self.group.key, self.previous, facts)

    def rows_for(self, ticket: uuid.UUID, told: Sequence[Told]) -> list[TicketAlert]:
        """The rows of what was told, in the ticket `ticket`."""
        for each in told:
            each.row.ticket_id = ticket
        return [each.row for each in told]

    def _merged(self, row: TicketAlert, told: Instance) -> Told:
        news = judge(row.known, told.status, told.starts_at, self.received_at)
        self.counts[news] += 1
        return Told(alert_rows.merged(row, told, news, self.received_at), told, news)

    def _join(self, pk: uuid.UUID, told: list[Told]) -> None:
        """Bring what was told into the ticket `pk`."""
        alert_rows.keep(self.rows_for(pk, told))
        whole = self._is_whole(pk)
        news = [each for each in told if each.news in NEWS]
        firing = [each.instance for each in told if each.instance.is_firing]
        ticket = Ticket.objects.filter(pk=pk)
        ends = whole and not firing and not TicketAlert.objects.filter(ticket=pk, status=FIRING).exists()
        if news or (ends and not ticket.get().clear):
            self._tell(self.numbers[pk], news, firing, ends=ends)
        elif any(each.news == News.REPEATED for each in told if each.instance.is_firing):
            ticket.update(occurrences=F("occurrences") + 1, last_seen_at=timezone.now())

    def _tell(self, number: int, news: list[Told], firing: list[Instance], *, ends: bool) -> None:
        text, facts = self._line(news), _odd(news)
        with changing(number, actor=None) as change:
            if ends:
                mark_clear(change, text or "All alerts are resolved", **facts)
                return
            change.verb = "ticket_alerts"
            if any(each.instance.is_firing for each in news):
                fires_again(change)
                link_to(change.ticket, self.group.references)
            change.tell(Kind.ALERTS, text, **facts)
            worst = change.ticket.severity
            for each in firing:
                worst = severities.worse(worst, each.severity)
            if worst != change.ticket.severity:
                raise_severity(change, worst)

    def _is_whole(self, pk: uuid.UUID) -> bool:
        """Whether all alerts of the ticket's group are known: its source left none out when it told of it last."""
        group = AlertGroup.objects.filter(ticket=pk)
        if pk == self.own:
            group.update(truncated=self.group.truncated, native_key=self.group.native_key)
        return not group.filter(truncated__gt=0).exists()

    def _line(self, news: list[Told]) -> str:
        by: dict[News, list[str]] = defaultdict(list)
        for each in news:
            by[each.news].append(_called(each.instance))
        return telling.sentence(by[News.FIRED], by[News.AGAIN], by[News.RESOLVED], self.group.truncated)

    def _alert(self) -> Alert:
        source, group = self.source, self.group
        severity = group.severity
        return Alert(
            key=group.key,
            title=group.title,
            severity=severity,
            status="firing",
            source=source.slug,
            occurred_at=min(each.instance.starts_at or self.received_at for each in self.fired),
            description=group.description,
            reporter=source.name,
            tags=tuple(dict.fromkeys([*source.tags, *group.tags]))[: texts.MOST_TAGS],
            category=source.category.key if source.category else "",
            references=group.references,
            tier=source.tier_id,
        )


def _chosen(rows: Sequence[TicketAlert], own: uuid.UUID | None, *, firing: bool) -> TicketAlert | None:
    """The row that is meant: the one in the group's own ticket, else one that fires elsewhere.

    The end of an alert may also have been told before.
    """
    mine = next((row for row in rows if row.ticket_id == own), None)
    fires = next((row for row in rows if row.status == FIRING), None)
    return mine or fires or (rows[-1] if rows and not firing else None)


def _belongs_to_the_past(row: TicketAlert, told: Instance, received_at: dt.datetime) -> bool:
    """Whether what is told is of the episode that `row`, of a ticket that has ended, knows: nobody has to hear it."""
    news = judge(row.known, told.status, told.starts_at, received_at)
    if not told.is_firing:
        newer = bool(told.starts_at and row.starts_at and told.starts_at > row.starts_at)
        return not (news == News.REPEATED and newer)
    ended_at = row.ticket.resolved_at
    # What came before a person ended the ticket, and is read only now, must not open another one.
    read_late = news == News.REPEATED and ended_at is not None and received_at <= ended_at
    return read_late or news == News.LATE


def _called(told: Instance) -> str:
    where = told.labels.get("instance") or told.labels.get("host") or told.labels.get("pod") or ""
    return f"{told.name} ({where[:60]})" if where else told.name


def _odd(told: Sequence[Told]) -> dict[str, Any]:
    """What is odd about them, in words, for the timeline."""
    flags = Counter(flag for each in told for flag in each.row.flags if each.instance.is_firing)
    said = [f"{telling.how_many(count)} {ODD[flag]}." for flag, count in sorted(flags.items()) if flag in ODD]
    return {"note": " ".join(said)} if said else {}
