"""How values are written for people: durations, numbers, sizes, times, names. Pure functions."""

from __future__ import annotations

import datetime as dt
import math

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
Number = int | float


def duration(value: dt.timedelta | Number) -> str:
    """Write a length of time (timedelta or seconds) in its two largest units: 0.4s, 41s, 3m 06s, 2h 14m, 3d 4h."""
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else float(value)
    sign, seconds = ("−" if seconds < 0 else ""), abs(seconds)
    if seconds == 0:
        return "0s"
    if seconds < 9.95:
        return f"{sign}{max(seconds, 0.1):.1f}".removesuffix(".0") + "s"
    whole = math.floor(seconds + 0.5) if seconds < MINUTE else math.floor(seconds)
    for unit, smaller, letters, form in ((DAY, HOUR, "dh", ""), (HOUR, MINUTE, "hm", ""), (MINUTE, 1, "ms", "02")):
        if whole >= unit:
            rest = whole % unit // smaller
            return f"{sign}{whole // unit}{letters[0]}" + (f" {rest:{form}}{letters[1]}" if rest else "")
    return f"{sign}{whole}s"


def left(seconds: float) -> str:
    """Write what is left of a target, to the second below an hour: 14m 07s left, 2h 8m left, 8m 00s over."""
    whole = abs(math.floor(seconds))
    if whole < MINUTE:
        text = f"{whole}s"
    elif whole < HOUR:
        text = f"{whole // MINUTE}m {whole % MINUTE:02}s"
    else:
        text = duration(whole)
    return f"{text} left" if seconds > 0 else f"{text} over"


def duration_in_words(value: dt.timedelta | Number) -> str:
    """Write a length of time for a sentence, rounded: 41 s, 27 min, 3 h, 2 days."""
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else float(value)
    for length, limit, unit in ((1, 90, "s"), (MINUTE, 90, "min"), (HOUR, 48, "h")):
        if seconds < limit * length:
            return f"{round(seconds / length)} {unit}"
    return f"{round(seconds / DAY)} days"


def thousands(value: Number) -> str:
    """Write a number with commas and a real minus sign: 48,210, −3, 2.5."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def ordinal(value: int) -> str:
    """Write a place in a row: 1st, 2nd, 3rd, 11th, 1,022nd."""
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{thousands(value)}{ending}"


def change(value: Number) -> str:
    """Write a difference with its sign: +12, −48,210, 0."""
    return f"+{thousands(value)}" if value > 0 else thousands(value)


def size(value: Number) -> str:
    """Write a number of bytes in units of 1,024, with three figures: 1.10 GiB, 41.8 GiB."""
    amount, sign = abs(float(value)), "−" if value < 0 else ""
    if amount < 1024:
        return f"{sign}{amount:.0f} bytes"
    power = 1
    while amount / 1024**power >= 999.5 and power < len(UNITS):
        power += 1
    amount /= 1024**power
    digits = 2 if amount < 9.995 else 1 if amount < 99.95 else 0
    return f"{sign}{amount:,.{digits}f} {UNITS[power - 1]}"


def moment(value: dt.datetime) -> str:
    """Write an aware time in UTC, to the minute: 5 Apr 2026, 03:01 UTC."""
    utc = value.astimezone(dt.UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def exact_moment(value: dt.datetime) -> str:
    """Write an aware time in UTC, to the second: 5 Apr 2026, 03:01:46 UTC."""
    utc = value.astimezone(dt.UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"


def day(value: dt.date) -> str:
    """Write a date: 5 Apr 2026."""
    return f"{value.day} {value:%b %Y}"


def relative(value: dt.datetime, now: dt.datetime) -> str:
    """Write how far `value` lies from `now`: just now, 11m ago, in 48m, 2h 14m ago."""
    seconds = (value - now).total_seconds()
    if abs(seconds) < 5:
        return "just now"
    text = duration(math.floor(abs(seconds) / MINUTE) * MINUTE if abs(seconds) >= MINUTE else round(abs(seconds)))
    return f"in {text}" if seconds > 0 else f"{text} ago"


def label(value: str) -> str:
    """Write a stored word for people: not_configured becomes Not configured."""
    words = value.replace("_", " ")
    return words[:1].upper() + words[1:]


def is_seen(text: str) -> bool:
    """Whether there is a letter in it that can be seen, be it a sign or a digit."""
    return any(letter.isprintable() for letter in text.replace(" ", ""))


def initials(name: str) -> str:
    """Two letters for an avatar: Anesu Moyo, a.moyo and a-moyo give AM, admin gives AD."""
    parts = [part for part in name.replace(".", " ").replace("-", " ").replace("_", " ").split() if part]
    letters = parts[0][0] + parts[-1][0] if len(parts) > 1 else "".join(parts)[:2]
    return letters.upper()
