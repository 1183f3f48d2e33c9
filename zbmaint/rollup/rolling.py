"""Rolling days up: those that are stale, those since the last roll, and today, whose end has not come.

Apps register what rolls one of their kinds: `register("tickets", roll, first, models)`. One process rolls a kind at a
time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q

from zbmaint.queue.locks import transaction_lock
from zbmaint.rollup import days, editions
from zbmaint.rollup.models import Rolled, RolledDay, Stale

# Days that one transaction rolls at most: each is committed before the next ones are begun.
DAYS_A_BATCH: Final = 7


class RollRefused(Exception):
    """It cannot be rolled so. The message is for people."""


@dataclass(frozen=True)
class Kind:
    """`roll(day, now)` writes the rows of one day anew, whatever is there; of today, as it is at `now`.

    `first()` is the first day of which something is there, and whole; None when nothing has happened yet. What happened
    is kept for `kept()` days: days before that stay as they were rolled. `models` are those of its rows, by their field
    `day`; without any, a day counts as changed whenever it is rolled.
    """

    name: str
    roll: Callable[[dt.date, dt.datetime], None]
    first: Callable[[], dt.date | None]
    models: tuple[type[Model], ...] = ()
    kept: Callable[[], int] = lambda: settings.ROLLUP_RETENTION_DAYS

    def whole_since(self, now: dt.datetime) -> dt.date:
        """The first day of which nothing has been deleted for its age."""
        return days.whole_since(self.kept(), now)


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    roll: Callable[[dt.date, dt.datetime], None],
    first: Callable[[], dt.date | None],
    models: tuple[type[Model], ...] = (),
    kept: Callable[[], int] = Kind.kept,
) -> None:
    """Let `roll` roll the days of a kind; registering it again replaces it."""
    _kinds[name] = Kind(name, roll, first, models, kept)


def kinds() -> list[str]:
    """Every kind that is registered, by name."""
    return sorted(_kinds)


def roll_stale(now: dt.datetime) -> int:
    """Roll what is to be rolled of every kind. Returns how many days were. One that fails does not keep the others."""
    count, failure = 0, None
    for name in kinds():
        try:
            count += _roll_kind(_kinds[name], now)
        except Exception as problem:
            failure = problem
    if failure is not None:
        raise failure
    return count


def roll_day(name: str, day: dt.date, now: dt.datetime) -> None:
    """Roll one day of one kind anew, whatever there is."""
    _in_batches(_kinds[name], [day], now)


def rebuild(name: str, first: dt.date | None, now: dt.datetime) -> int:
    """Roll every day from `first` (None: from the first of which everything is there) to today anew.

    Returns how many days. Without `first`, days that are no more (of another time zone, before the first one or after
    today) are cleared. Raises RollRefused when what happened then has been deleted since, and when only a part would be
    of another time zone than the rest.
    """
    kind, today = _kinds[name], days.day_of(now)
    whole, earliest = kind.whole_since(now), kind.first() or today
    if first is not None and first < whole:
        raise RollRefused(
            f"What happened before {whole} is not kept any more ({name}), and its days stay as they were rolled. "
            f"Write --from {whole} or later."
        )
    zone, was = settings.REPORT_TIME_ZONE, Rolled.objects.filter(kind=name).first()
    if first is not None and was is not None and was.zone != zone:
        raise RollRefused(
            f"REPORT_TIME_ZONE is {zone}, and days were rolled in {was.zone} ({name}): all of them have to be rolled "
            "anew. Leave out --from."
        )
    count = _in_batches(kind, list(days.each(first or earliest, today)), now)
    if first is None:
        _clear(kind, whole, earliest, now)
        # A day that was today in another zone may be tomorrow here: from today on it has to be rolled again.
        Rolled.objects.filter(kind=name).update(zone=zone, until=today)
    return count


def purge(name: str, now: dt.datetime) -> int:
    """Delete the days of a kind that are older than ROLLUP_RETENTION_DAYS. Returns how many of their rows.

    At once: a day has few rows, and each day one of them goes. What was read of the kind is not true any more.
    """
    kind, before = _kinds[name], days.day_of(now - dt.timedelta(days=settings.ROLLUP_RETENTION_DAYS))
    with transaction.atomic():
        transaction_lock(_lock_name(kind))
        count = sum(each._default_manager.filter(day__lt=before).delete()[0] for each in kind.models)
        RolledDay.objects.filter(kind=name, day__lt=before).delete()
        if count:
            _note_deletion(kind)
    return count


def _clear(kind: Kind, whole: dt.date, earliest: dt.date, now: dt.datetime) -> None:
    """Delete the days before `earliest` and after today, but for those of which not everything is kept any more."""
    with transaction.atomic():
        transaction_lock(_lock_name(kind))
        gone = Q(day__gte=whole, day__lt=earliest) | Q(day__gt=days.day_of(now))
        rows = [each._default_manager.filter(gone).values_list("day", flat=True) for each in kind.models]
        found = sorted(set(chain.from_iterable(rows)))
        for day in found:
            # Once more, by which it takes back what else was added up of it.
            kind.roll(day, now)
            for each in kind.models:
                each._default_manager.filter(day=day).delete()
        RolledDay.objects.filter(gone, kind=kind.name).delete()
        if found:
            _note_deletion(kind)


def _note_deletion(kind: Kind) -> None:
    """What was read of the kind is not true any more."""
    rolled = _rolled(kind)
    rolled.edition += 1
    rolled.purged = rolled.edition
    rolled.save(update_fields=["edition", "purged"])


def _roll_kind(kind: Kind, now: dt.datetime) -> int:
    return _in_batches(kind, _due(kind, now), now)


def _in_batches(kind: Kind, waiting: list[dt.date], now: dt.datetime) -> int:
    """Roll these days, a few in each transaction."""
    for start in range(0, len(waiting), DAYS_A_BATCH):
        batch = waiting[start : start + DAYS_A_BATCH]
        with transaction.atomic():
            transaction_lock(_lock_name(kind))
            rolled = _rolled(kind)
            rolled.edition += 1
            for day in batch:
                # Taken out before what happened is read, so that a change that is committed meanwhile stays noted.
                begins, ends = days.bounds(day)
                Stale.objects.filter(kind=kind.name, at__gte=begins, at__lt=ends).delete()
                kind.roll(day, now)
                editions.keep(kind.name, day, rolled.edition, kind.models)
            rolled.until, rolled.at = max(rolled.until or batch[-1], batch[-1]), now
            rolled.save(update_fields=["edition", "until", "at"])
    return len(waiting)


def _rolled(kind: Kind) -> Rolled:
    return Rolled.objects.get_or_create(kind=kind.name, defaults={"zone": settings.REPORT_TIME_ZONE})[0]


def _due(kind: Kind, now: dt.datetime) -> list[dt.date]:
    """The days to roll: the one of the last roll, which had not ended, and all since; those that were corrected.

    A day of which something has been deleted since stays as it was rolled.
    """
    zone, rolled, today = settings.REPORT_TIME_ZONE, _rolled(kind), days.day_of(now)
    if rolled.zone != zone:
        raise RollRefused(
            f"REPORT_TIME_ZONE is {zone}, and days were rolled in {rolled.zone} ({kind.name}): run "
            "`manage.py rollup --rebuild`, or set it back."
        )
    earliest = kind.first() or today
    due = set(days.each(max(rolled.until or earliest, earliest), today)) | {today}
    stale = Stale.objects.filter(kind=kind.name)
    # Not from the earliest day on: what was the first of all may have come to be of another day.
    stale.filter(at__lt=days.begins(kind.whole_since(now))).delete()
    moments = stale.order_by().values_list("at", flat=True).distinct()
    due |= {day for day in map(days.day_of, moments) if day <= today}
    return sorted(due)


def _lock_name(kind: Kind) -> str:
    return f"rollup:{kind.name}"
