"""Taking in what a source tells of a group: one ticket a group, one row an alert, one line a delivery."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from incidents.actions import alert_rows
from incidents.actions.changing import Kind, changing
from incidents.actions.editing import raise_severity
from incidents.actions.intake import fires_again, link_to, mark_clear, open_for
from incidents.intake.alert import Alert
from incidents.intake.group import CLOCK_AHEAD, SEVERITY_UNKNOWN, Group, Instance
from incidents.models import AlertGroup, Source, Ticket, TicketAlert
from incidents.rules import severities, telling, texts
from incidents.rules.episodes import FIRING, News, judge
from zbmaint.queue.locks import transaction_lock

NEWS = frozenset({News.FIRED, News.AGAIN, News.RESOLVED})
ODD = {
    SEVERITY_UNKNOWN: "of a severity that the map of the source does not know, taken as its default",
    CLOCK_AHEAD: "with times in the future: the clock of the source is ahead",
    alert_rows.TOLD_LATE: "that began long before: told late, or the clock of the source is behind",
}


@dataclass(frozen=True)
class Told:
    """An alert, its row merged with what was told, and what is new in it."""

    row: TicketAlert
    instance: Instance
    news: News


@transaction.atomic
def take(source: Source, group: Group, received_at: dt.datetime) -> Counter[str]:
    """Take in a group that came at `received_at`; returns how many of its alerts were what news.

    An alert that fires in an unfinished ticket stays there, also when its source has given the group another key.
    Others join the unfinished ticket of the group, or open it. Absence of an alert says nothing. The ticket is clear
    when all that ever stood in it is resolved, and the source has left nothing out. What came twice counts once.
    """
    return _Taking(source, group, received_at).take()


class _Taking:
    """One delivery on its way into the tickets, inside its transaction."""

    def __init__(self, source: Source, group: Group, received_at: dt.datetime) -> None:
        self.source, self.group, self.received_at = source, group, received_at
        self.counts: Counter[str] = Counter()
        self.numbers: dict[uuid.UUID, int] = {}  # of the unfinished tickets that it is about
        self.own: uuid.UUID | None = None  # the one of the group
        self.placed: dict[uuid.UUID, list[Told]] = defaultdict(list)
        self.fired: list[Told] = []  # what is in no ticket yet
        self.previous: Ticket | None = None

    def take(self) -> Counter[str]:
        transaction_lock(f"source:{self.source.pk}")  # deliveries of one source come one after the other
        told = {each.fingerprint: each for each in self.group.instances}
        rows = self._locked(alert_rows.in_unfinished(self.source, told))
        unplaced = []
        for fingerprint, instance in told.items():
            row = _chosen(rows.get(fingerprint, ()), self.own, firing=instance.is_firing)
            if row is None:
                unplaced.append(instance)
            else:
                self.placed[row.ticket_id].append(self._merged(row, instance))
        self._settle(unplaced)
        if self.fired and self.own is not None:
            self.placed[self.own] += self.fired
        for pk in sorted(self.placed, key=self.numbers.__getitem__):
            self._join(pk, self.placed[pk])
        if self.fired and self.own is None:
            self._open()
        return self.counts

    def _locked(self, rows: list[TicketAlert]) -> dict[str, list[TicketAlert]]:
        """Lock the tickets of `rows` and the group's own: their keys, then themselves, both in order.

        Returns those of `rows` whose ticket is still unfinished, by fingerprint.
        """
        of = Ticket.objects.filter(pk__in={row.ticket_id for row in rows})
        keys = set(of.values_list("key", flat=True)) | {self.group.key}
        for key in sorted(keys):
            transaction_lock(f"ticket:{self.source.slug}:{key}")
        mine = Ticket.objects.unfinished().filter(source=self.source.slug, key__in=keys)
        for pk, number, key in mine.order_by("number").select_for_update().values_list("pk", "number", "key"):
            self.numbers[pk] = number
            self.own = pk if key == self.group.key else self.own
        found: dict[str, list[TicketAlert]] = defaultdict(list)
        for row in rows:
            if row.ticket_id in self.numbers:
                found[row.fingerprint].append(row)
        return found

    def _merged(self, row: TicketAlert, told: Instance) -> Told:
        news = judge(row.known, told.status, told.starts_at, self.received_at)
        self.counts[news] += 1
        return Told(alert_rows.merged(row, told, news, self.received_at), told, news)

    def _settle(self, unplaced: list[Instance]) -> None:
        """What stands in no unfinished ticket: new alerts, stragglers of ended tickets, ends of what never came."""
        past = alert_rows.latest_in_finished(self.source, [each.fingerprint for each in unplaced])
        over = alert_rows.over_already(self.source, [each for each in unplaced if each.is_firing], self.received_at)
        stragglers, early = [], []
        for each in unplaced:
            row = past.get(each.fingerprint)
            if row is not None and _belongs_to_the_past(row, each, self.received_at):
                stragglers.append(self._merged(row, each).row)
            elif not each.is_firing:
                early.append(each)
                self.counts[News.UNMATCHED] += 1
            elif each.fingerprint in over:
                self.counts[News.LATE] += 1
            else:
                self.previous = row.ticket if row else self.previous
                self.fired.append(Told(alert_rows.fresh(self.source, each, self.received_at), each, News.FIRED))
                self.counts[News.FIRED] += 1
        alert_rows.keep(stragglers)
        alert_rows.keep_early(self.source, early, self.received_at)

    def _join(self, pk: uuid.UUID, told: list[Told]) -> None:
        """Bring what was told into the ticket `pk`."""
        alert_rows.keep([each.row for each in told], pk)
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

    def _open(self) -> None:
        facts = _odd(self.fired)
        facts["note"] = "\n\n".join(filter(None, [f"{self._line(self.fired)}.", facts.get("note", "")]))
        ticket = open_for(self._alert(), self.group.key, previous=self.previous, **facts)
        alert_rows.keep([each.row for each in self.fired], ticket.pk)
        AlertGroup.objects.create(
            ticket=ticket, source=self.source, native_key=self.group.native_key, truncated=self.group.truncated
        )

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
