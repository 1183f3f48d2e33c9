"""Template tags: what they print is escaped, exact for machines and readable for people."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory

from tests.conftest import make_people
from zbmaint.access.models import Person

AT = dt.datetime(2026, 4, 5, 3, 1, 46, tzinfo=dt.UTC)


def printed(source: str, **values: object) -> str:
    """What a template with `source` prints."""
    request = RequestFactory().get("/runs/7/")
    return Template(source).render(Context({"request": request, **values}))


def test_an_icon_uses_the_sprite_and_is_hidden_from_screen_readers() -> None:
    html = printed('{% icon "clock" %}')
    assert html == '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#i-clock"/></svg>'


def test_an_icon_escapes_its_name() -> None:
    assert "<script>" not in printed("{% icon name %}", name='"><script>')


@pytest.mark.parametrize(
    ("name", "text"), [("succeeded", "Succeeded"), ("timed_out", "Timed out"), ("not_configured", "Not configured")]
)
def test_a_state_has_an_icon_a_word_and_its_value(name: str, text: str) -> None:
    html = printed("{% state name %}", name=name)
    assert f'data-state="{name}"' in html
    assert f"#i-state-{name}" in html
    assert html.endswith(f"{text}</span>")


def test_only_a_busy_state_turns() -> None:
    assert "icon--spin" in printed('{% state "running" %}')
    assert "icon--spin" not in printed('{% state "queued" %}')


def test_a_severity_and_a_status_have_icons_of_their_own() -> None:
    assert "#i-severity-high" in printed('{% severity "high" %}')
    assert "#i-status-ongoing" in printed('{% status "ongoing" %}')


def test_a_target_says_what_is_due_and_is_counted_down_by_the_browser() -> None:
    html = printed('{% sla "soon" "14m 07s left" at at "First response due" %}', at=AT)
    assert 'title="First response due 5 Apr 2026, 03:01 UTC" data-left data-at-risk="2026-04-05T03:01' in html
    assert "<span>14m 07s left</span>" in html
    assert 'title="Due 5 Apr' in printed('{% sla "ok" "2h left" at %}', at=AT)


def test_a_target_without_a_running_clock_may_explain_itself() -> None:
    html = printed('{% sla "paused" "Paused" about=until %}', until="Until <noon>")
    assert html.startswith('<span class="sla" data-sla="paused" title="Until &lt;noon&gt;">')
    assert "title" not in printed('{% sla "met" "Answered" %}')


def test_an_exact_time_is_utc_for_people_and_machines() -> None:
    html = printed("{{ at|exact_time }}", at=AT.astimezone(dt.timezone(dt.timedelta(hours=2))))
    assert 'datetime="2026-04-05T03:01:46Z"' in html
    assert 'title="5 Apr 2026, 03:01:46 UTC"' in html
    assert ">5 Apr 2026, 03:01 UTC<" in html


def test_a_clock_time_reads_hours_minutes_seconds() -> None:
    html = printed("{{ at|clock_time }}", at=AT.astimezone(dt.timezone(dt.timedelta(hours=2))))
    assert 'title="5 Apr 2026, 03:01:46 UTC">03:01:46<' in html


def test_a_relative_time_keeps_the_exact_one_and_moves_in_the_browser() -> None:
    with time_machine.travel(AT + dt.timedelta(minutes=11), tick=False):
        html = printed("{{ at|relative_time }}", at=AT)
    assert 'title="5 Apr 2026, 03:01:46 UTC" data-relative>11m ago<' in html


def test_a_day_is_the_utc_date_of_a_time() -> None:
    late = dt.datetime(2026, 4, 5, 1, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert printed("{{ at|day }}", at=late) == '<time datetime="2026-04-04">4 Apr 2026</time>'
    assert ">5 Apr 2026<" in printed("{{ at|day }}", at=dt.date(2026, 4, 5))


@pytest.mark.parametrize(
    "name",
    [
        "exact_time",
        "clock_time",
        "relative_time",
        "day",
        "duration",
        "duration_in_words",
        "thousands",
        "change",
        "size",
    ],
)
def test_nothing_is_written_as_a_dash(name: str) -> None:
    assert printed(f"{{{{ value|{name} }}}}", value=None) == "–"


def test_numbers_and_lengths_have_filters() -> None:
    html = printed(
        "{{ a|duration }} {{ b|thousands }} {{ c|size }} {{ d|change }} {{ e|label }}",
        a=41,
        b=1000,
        c=2048,
        d=3,
        e="timed_out",
    )
    assert html == "41s 1,000 2.00 KiB +3 Timed out"


@pytest.mark.django_db
def test_a_person_is_shown_with_initials_and_oneself_differently() -> None:
    people = make_people()
    request = RequestFactory().get("/")
    request.user = people["lead"]
    own = Template("{% person who %}").render(Context({"request": request, "who": people["lead"]}))
    other = Template("{% person who %}").render(Context({"request": request, "who": people["viewer"]}))
    assert "avatar--me" in own
    assert "avatar--me" not in other
    assert ">VI</span>viewer</span>" in other


def test_a_person_name_is_escaped() -> None:
    request = RequestFactory().get("/")
    request.user = Person(pk=1)
    who = Person(pk=2, username="x", name='<img src=x onerror="alert(1)">')
    assert "<img" not in Template("{% person who %}").render(Context({"request": request, "who": who}))


def test_nobody_is_shown_as_nobody() -> None:
    assert "person--none" in printed('{% person who "Unassigned" %}', who=None)


def test_a_navigation_entry_is_current_on_its_pages_and_below() -> None:
    assert 'aria-current="page"' in printed('{% nav_link "runs" "Runs" "runs" "r" %}')
    assert "aria-current" not in printed('{% nav_link "overview" "Overview" "overview" %}')


def test_a_navigation_entry_of_a_page_that_does_not_exist_is_absent() -> None:
    assert printed('{% nav_link "no-such-page" "Queue" "queue" %}').strip() == ""


def test_the_path_of_a_page_is_empty_while_there_is_none() -> None:
    assert printed('{% path_to "ticket" 7 %}') == "/tickets/7/"
    assert printed('{% path_to "no_such_page" 7 %}') == ""
