"""Template tags and filters of every page (built in, no {% load %} needed). They escape what they print."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from zbmaint.access.models import Person
from zbmaint.ui import markdown as markdown_text
from zbmaint.ui import slots, words
from zbmaint.ui.shell import part, slot_hole

register = template.Library()
NOTHING = "–"
BUSY = frozenset({"running", "sending"})
COUNTING = frozenset({"ok", "soon", "breached"})
SLA_ICONS = {
    "ok": "clock",
    "soon": "clock",
    "breached": "alert",
    "met": "check",
    "late": "check",
    "idle": "clock",
    "paused": "pause",
}
FIXED_TIME = '<time datetime="{}" title="{}">'
# The browser keeps it up to date (static/js/clock.js).
MOVING_TIME = '<time datetime="{}" title="{}" data-relative>'
Length = dt.timedelta | int | float | None


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css: str = "") -> SafeString:
    """Draw a symbol of the sprite, such as `clock`, `state-running`, `severity-high`; `css` adds classes."""
    href = f"{static('icons.svg')}#i-{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', f"icon {css}".strip(), href)


def _mark(kind: str, value: str, text: str) -> SafeString:
    drawn = icon(f"{kind}-{value}", "icon--spin" if kind == "state" and value in BUSY else "")
    return format_html('<span class="{0}" data-{0}="{1}">{2}{3}</span>', kind, value, drawn, text or words.label(value))


@register.simple_tag
def state(value: str, text: str = "") -> SafeString:
    """Mark a state (of a run, a step, a notice) with icon and word; `text` replaces the word."""
    return _mark("state", value, text)


@register.simple_tag
def state_icon(value: str) -> SafeString:
    """The icon of a state alone, turning while the state is busy. Put the word beside it for screen readers."""
    return icon(f"state-{value}", "icon--spin" if value in BUSY else "")


@register.simple_tag
def status(value: str, text: str = "") -> SafeString:
    """Mark the status of a finding (new, ongoing, accepted, resolved) or, later, a ticket."""
    return _mark("status", value, text)


@register.simple_tag
def severity(value: str, text: str = "") -> SafeString:
    """Mark a severity: critical, high, medium, low."""
    return _mark("severity", value, text)


@register.simple_tag
def sla(
    state: str, text: str, due: dt.datetime | None = None, at_risk: dt.datetime | None = None, about: str = ""
) -> SafeString:
    """Mark how a target stands: ok, soon, breached (with `due`, which the browser counts down to), met, late, idle,
    paused. `at_risk` is when it turns to soon, if that is earlier than half an hour before `due`. `about` is the title:
    what the time is of, "First response due", or without a time a sentence."""
    before, after = _around_sla(state, due, at_risk, about)
    return mark_safe(f"{before}{conditional_escape(text)}{after}")  # noqa: S308 - escaped here and there


@lru_cache(maxsize=5000)
def _around_sla(state: str, due: dt.datetime | None, at_risk: dt.datetime | None, about: str) -> tuple[SafeString, str]:
    """What stands around the text, which alone moves with the time."""
    drawn = icon(SLA_ICONS[state])
    if due is None:
        title = format_html(' title="{}"', about) if about else ""
        return format_html('<span class="sla" data-sla="{}"{}>{}<span>', state, title, drawn), "</span></span>"
    attributes = ""
    if state in COUNTING:
        risk = format_html(' data-at-risk="{}"', machine_time(at_risk)) if at_risk else ""
        attributes = format_html(" data-left{}", risk)
    before = format_html(
        '<time class="sla" data-sla="{}" datetime="{}" title="{} {}"{}>{}<span>',
        *(state, machine_time(due), about or "Due", words.moment(due), attributes, drawn),
    )
    return before, "</span></time>"


@register.filter
def severity_icon(value: str) -> str:
    """The name of the symbol of a severity, for {% icon %}."""
    return f"severity-{value}"


@register.simple_tag(takes_context=True)
def person(context: Context, who: Person | None, nobody: str = "Nobody") -> SafeString:
    """Show a person: avatar and username, the full name as title; `nobody` when there is none."""
    if who is None:
        return person_mark(nobody)
    request = context.get("request")
    mine = request is not None and request.user.pk == who.pk
    return person_mark(who.username, who.get_full_name(), mine=mine)


@lru_cache(maxsize=500)
def person_mark(said: str, full_name: str = "", *, mine: bool = False) -> SafeString:
    """A person as every page shows one: avatar and username. Without a full name it is nobody, and `said` says so."""
    if not full_name:
        return format_html(
            '<span class="person person--none"><span class="avatar" aria-hidden="true"></span>{}</span>', said
        )
    return format_html(
        '<span class="person" title="{}"><span class="avatar{}" aria-hidden="true">{}</span>{}</span>',
        *(full_name, " avatar--me" if mine else "", words.initials(full_name), said),
    )


@register.filter
def initials(name: str) -> str:
    """Two letters for an avatar."""
    return words.initials(name)


def machine_time(value: dt.datetime) -> str:
    """A time for a `datetime` attribute."""
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(value: dt.datetime | None, text: str, *, moving: bool = False) -> SafeString | str:
    if value is None:
        return NOTHING
    before = _before_time(value, moving)
    return mark_safe(f"{before}{conditional_escape(text)}</time>")  # noqa: S308 - escaped here and there


@lru_cache(maxsize=5000)
def _before_time(value: dt.datetime, moving: bool) -> SafeString:
    return format_html(MOVING_TIME if moving else FIXED_TIME, machine_time(value), words.exact_moment(value))


@register.filter
def exact_time(value: dt.datetime | None) -> SafeString | str:
    """`<time>` that reads 5 Apr 2026, 03:01 UTC; the title has the second."""
    return _time(value, words.moment(value) if value else "")


@register.filter
def clock_time(value: dt.datetime | None) -> SafeString | str:
    """`<time>` that reads 03:01:46 (UTC); the title has the day, too."""
    return _time(value, f"{value.astimezone(dt.UTC):%H:%M:%S}" if value else "")


@register.filter
def relative_time(value: dt.datetime | None) -> SafeString | str:
    """`<time>` that reads 11m ago or in 48m; the title has the exact time."""
    return _time(value, words.relative(value, timezone.now()) if value else "", moving=True)


def moving_time(value: dt.datetime, text: str) -> SafeString | str:
    """The same around another `text`."""
    return _time(value, text, moving=True)


@register.filter
def day(value: dt.date | None) -> SafeString | str:
    """`<time>` that reads 5 Apr 2026, for a date or the UTC date of a time."""
    if value is None:
        return NOTHING
    date = value.astimezone(dt.UTC).date() if isinstance(value, dt.datetime) else value
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), words.day(date))


@register.filter
def duration(value: Length) -> str:
    """A length of time (timedelta or seconds) as in lists: 41s, 2m 41s, 2h 14m."""
    return NOTHING if value is None else words.duration(value)


@register.filter
def duration_in_words(value: Length) -> str:
    """A length of time as in sentences: 41 s, 27 min, 3 h."""
    return NOTHING if value is None else words.duration_in_words(value)


@register.filter
def thousands(value: float | None) -> str:
    """A number with commas: 48,210."""
    return NOTHING if value is None else words.thousands(value)


@register.filter
def change(value: float | None) -> str:
    """A difference with its sign: −48,210."""
    return NOTHING if value is None else words.change(value)


@register.filter
def ordinal(value: int) -> str:
    """A place in a row: 1st, 2nd, 7th, 11th."""
    return words.ordinal(value)


@register.filter
def size(value: float | None) -> str:
    """A number of bytes: 1.10 GiB."""
    return NOTHING if value is None else words.size(value)


@register.filter
def label(value: Any) -> str:
    """A stored word for people: not_configured becomes Not configured."""
    return words.label(str(value))


@register.filter
def markdown(text: str) -> SafeString:
    """What people wrote, as safe HTML; put it into <div class="prose">."""
    return markdown_text.render(text)


@register.inclusion_tag("ui/nav_link.html", takes_context=True)
def nav_link(context: Context, name: str, text: str, symbol: str, key: str = "", *, marks: str = "") -> dict[str, Any]:
    """One entry of the navigation, to the URL called `name`; absent while no such page exists.

    `key` is the letter that goes there after G, `marks` the slot of what stands behind the text.
    """
    try:
        href = reverse(name)
    except NoReverseMatch:
        href = ""
    path = context["section"] if "section" in context else context["request"].path
    here = path == href if href == "/" else bool(href) and path.startswith(href)
    mark = slot(context, marks) if marks and href else ""
    return {"href": href, "text": text, "symbol": symbol, "key": key, "here": here, "mark": mark}


@register.simple_tag
def path_to(name: str, *args: Any) -> str:
    """The path of the URL called `name`; empty while no such page exists."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """Print what the apps have registered for a place on every page (`zbmaint.ui.slots`), such as `banners`."""
    return slot_hole(name) if "holes" in context else slots.render(name, context["request"])


@register.simple_tag(takes_context=True)
def shell(context: Context, template: str) -> SafeString:
    """Print a part of the shell (`zbmaint.ui.shell`), whose template is given nothing but what all pages know."""
    page: dict[Any, Any] = context.flatten()
    return part(template, context["request"], page)
