"""When a schedule is due: cron or plain words, in a time zone. Pure; the arithmetic is cronsim's."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator

from cronsim import CronSim, CronSimError

# A cron that is due more often than this is a mistake: nothing here is done every minute.
HORIZON_YEARS = 5
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
DAY_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_DAY = "|".join([*DAY_NAMES, *DAYS])
_TIME = r"(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
WORDS = (
    (re.compile(rf"(?:every day|daily) {_TIME}"), "{minute} {hour} * * *"),
    (re.compile(rf"(?:(?:every|weekly on|on) )?(?P<day>{_DAY})s? {_TIME}"), "{minute} {hour} * * {day}"),
    (
        re.compile(rf"(?:the )?(?P<nth>{'|'.join(NTH)}) (?P<day>{_DAY})(?: of (?:the|every|each) month)? {_TIME}"),
        "{minute} {hour} * * {day}#{nth}",
    ),
    (
        re.compile(rf"(?:the )?(?P<nth>{'|'.join(NTH)}) (?P<day>{_DAY}) of (?:the |every |each )?quarter {_TIME}"),
        "{minute} {hour} * 1,4,7,10 {day}#{nth}",
    ),
)
EXAMPLES = "“0 3 * * sun”, “every Sunday at 03:00” or “first Sunday of the month at 04:00”"


class BadTime(ValueError):
    """A cron, a phrase or a time zone that means nothing. The message is for the person who typed it."""


def to_cron(text: str) -> str:
    """The cron (five fields, lower case) that `text` means, be it a cron or words. Raises BadTime."""
    typed = " ".join(text.lower().replace(",", ", ").split()).replace(", ", ",")
    if not typed:
        raise BadTime(f"Say when: {EXAMPLES}.")
    for pattern, template in WORDS:
        match = pattern.fullmatch(typed)
        if match:
            parts = match.groupdict()
            if "day" in parts:
                parts["day"] = parts["day"][:3]
            if "nth" in parts:
                parts["nth"] = str(NTH[parts["nth"]])
            typed = template.format(**{**parts, "minute": int(parts["minute"]), "hour": int(parts["hour"])})
            break
    check(typed)
    return typed


def check(cron: str) -> None:
    """Raise BadTime, saying why, unless `cron` has five fields and is due at some time in the next years."""
    fields = cron.split()
    if len(fields) == 6:
        raise BadTime(
            "A cron has five fields here: minute, hour, day of month, month, day of week. Leave out the seconds."
        )
    if len(fields) != 5:
        raise BadTime(f"“{cron}” is neither a cron of five fields nor words that are understood. Write {EXAMPLES}.")
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    try:
        first = next(CronSim(cron, start))
    except CronSimError as problem:
        field = str(problem).removeprefix("Bad ").replace("-", " ")
        raise BadTime(f"“{cron}” is no cron: its {field} cannot be. Write {EXAMPLES}.") from None
    except StopIteration:
        raise BadTime(f"“{cron}” never comes: no such date exists.") from None
    if first > start + dt.timedelta(days=366 * HORIZON_YEARS):
        raise BadTime(f"“{cron}” does not come within {HORIZON_YEARS} years.")


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone called `name`. Raises BadTime."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadTime(f"{name!r} is not an IANA time zone; write it like Africa/Harare or UTC.") from None


def due_times(cron: str, time_zone: str, after: dt.datetime) -> Iterator[dt.datetime]:
    """The due times after `after` (aware), in UTC, in order, without end. Raises BadTime.

    A local time that a clock change leaves out comes at the end of the gap; one that comes twice is due once.
    """
    last = after
    try:
        for moment in CronSim(cron, after.astimezone(zone(time_zone))):
            due = moment.astimezone(dt.UTC)
            # Two local times may fall on the same instant at a clock change: it is due once.
            if due > last:
                last = due
                yield due
    except CronSimError as problem:
        raise BadTime(f"“{cron}” is no cron ({problem}).") from None


def in_words(cron: str) -> str:
    """The cron in English, such as “At 03:00 on Sunday”."""
    return str(CronSim(cron, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).explain())
