"""Signing in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.auditing import entries, entry, verbs
from tests.conftest import PASSWORD
from zbmaint import beat
from zbmaint.access.actions import people as people_actions
from zbmaint.access.models import Person

ClientAs = Callable[[str], Client]
People = dict[str, Person]


def sign_in(client: Client, username: str = "viewer", password: str = PASSWORD, **more: Any) -> Any:
    """Send the form of the sign-in page."""
    return client.post("/login/", {"username": username, "password": password, **more})


def test_the_right_password_leads_to_the_overview(client: Client, people: People) -> None:
    answer = sign_in(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_it_leads_on_to_the_page_that_was_asked_for(client: Client, people: People) -> None:
    asked = client.get("/profile/")
    assert asked["Location"] == "/login/?next=/profile/"
    assert b'name="next" value="/profile/"' in client.get(asked["Location"]).content
    assert sign_in(client, next="/profile/")["Location"] == "/profile/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "http:///evil.example", "javascript:alert(1)"],
)
def test_it_never_leads_to_another_site(client: Client, people: People, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere)["Location"] == "/"


def test_somebody_who_is_signed_in_goes_straight_on(client_as: ClientAs) -> None:
    assert client_as("viewer").get("/login/?next=/profile/")["Location"] == "/profile/"


def test_a_wrong_password_says_nothing_about_the_name(client: Client, people: People) -> None:
    wrong, unknown = sign_in(client, password="no"), sign_in(client, username="nobody")
    assert wrong.status_code == unknown.status_code == 422
    for answer in (wrong, unknown):
        assert "Username or password is not right." in answer.content.decode()


def test_empty_fields_are_asked_for(client: Client, people: People) -> None:
    answer = sign_in(client, username="", password="")
    assert answer.status_code == 422
    assert "Enter your username and your password." in answer.content.decode()


def test_a_name_with_a_null_character_is_refused(client: Client, people: People) -> None:
    assert sign_in(client, username="vie\x00wer").status_code == 422


def test_without_the_tick_the_session_ends_with_the_browser(client: Client, people: People) -> None:
    cookie = sign_in(client).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == ""


def test_with_the_tick_it_lasts_two_weeks(client: Client, people: People) -> None:
    cookie = sign_in(client, remember="on").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 14 * 24 * 3600


def test_cookies_work_on_plain_http(client: Client, people: People) -> None:
    cookies = sign_in(client).cookies
    assert not cookies[settings.SESSION_COOKIE_NAME]["secure"]
    assert cookies[settings.SESSION_COOKIE_NAME]["httponly"]


def test_signing_in_and_out_is_recorded_with_the_address(client: Client, people: People) -> None:
    sign_in(client)
    client.post("/logout/")
    assert verbs() == ["signed_in", "signed_out"]
    kept = entries().latest("id")
    assert (kept.actor, kept.target_label, kept.address) == (people["viewer"], "viewer", "127.0.0.1")


def test_signing_out_ends_the_session(client: Client, people: People) -> None:
    sign_in(client)
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=/"


def test_signing_out_needs_a_post(client_as: ClientAs) -> None:
    assert client_as("viewer").get("/logout/").status_code == 405


def test_a_failed_sign_in_is_recorded_without_an_actor(client: Client, people: People) -> None:
    sign_in(client, password="no")
    kept = entry()
    assert (kept.verb, kept.actor, kept.target_label) == ("sign_in_failed", None, "viewer")


def test_a_password_typed_as_the_name_is_not_recorded(client: Client, people: People) -> None:
    sign_in(client, username=PASSWORD, password="x")
    assert not entries().exists()


def test_somebody_retired_cannot_sign_in(client: Client, people: People) -> None:
    people_actions.retire(people["viewer"], actor=people["admin"])
    answer = sign_in(client)
    assert answer.status_code == 422
    assert "Username or password is not right." in answer.content.decode()


def test_the_session_of_somebody_retired_ends(client: Client, people: People) -> None:
    sign_in(client)
    people_actions.retire(people["viewer"], actor=people["admin"])
    assert client.get("/").status_code == 302


def test_sessions_end_when_somebody_else_sets_the_password(client: Client, people: People) -> None:
    sign_in(client)
    people_actions.set_password(people["viewer"], "another good one", actor=people["admin"])
    assert client.get("/").status_code == 302


def test_the_fifth_failure_locks_the_name_and_says_until_when(client: Client, people: People) -> None:
    with time_machine.travel(dt.datetime(2026, 4, 5, 12, 0, tzinfo=dt.UTC), tick=False):
        for _ in range(4):
            assert sign_in(client, password="no").status_code == 422
        answer = sign_in(client, password="no")
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "5 Apr 2026, 12:15 UTC" in page
    assert "15 min from now" in page
    assert answer["Retry-After"] == "900"
    assert verbs() == [*["sign_in_failed"] * 4, "sign_in_locked"]


def test_a_locked_name_is_refused_the_right_password_too(client: Client, people: People) -> None:
    for _ in range(5):
        sign_in(client, password="no")
    assert sign_in(client).status_code == 429
    assert client.get("/").status_code == 302


def test_trying_while_locked_neither_moves_the_time_nor_fills_the_audit_log(client: Client, people: People) -> None:
    noon = dt.datetime(2026, 4, 5, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(noon, tick=False) as clock:
        for _ in range(5):
            sign_in(client, password="no")
        clock.shift(600)
        assert "12:15 UTC" in sign_in(client, password="no").content.decode()
        assert len(verbs()) == 5
        clock.shift(301)
        assert sign_in(client).status_code == 302


def test_locking_a_name_from_one_address_leaves_others_in(client: Client, people: People) -> None:
    for _ in range(5):
        sign_in(client, password="no")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9")).status_code == 302
    assert sign_in(client, username="lead").status_code == 302


def test_the_throttle_keeps_no_password(client: Client, people: People) -> None:
    sign_in(client, password="hunter2 hunter2")
    assert "hunter2" not in AccessAttempt.objects.get().post_data


def test_the_password_is_not_sent_back(client: Client, people: People) -> None:
    assert "hunter2" not in sign_in(client, password="hunter2").content.decode()


def test_a_form_without_its_token_is_refused_in_words(people: People) -> None:
    answer = sign_in(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_ended_sessions_are_purged_and_others_stay(client: Client, people: People) -> None:
    with time_machine.travel(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), tick=False):
        sign_in(Client(), remember="on")
    sign_in(client)
    assert Session.objects.count() == 2
    work = {item.name: item for item in beat.registered()}["sessions.purge"]
    work.call(timezone.now())
    assert Session.objects.count() == 1
    assert client.get("/").status_code == 200


def test_the_theme_of_the_person_goes_into_the_cookie(client: Client, people: People) -> None:
    Person.objects.filter(username="viewer").update(theme="dark")
    assert sign_in(client).cookies["theme"].value == "dark"


def test_a_polling_page_leaves_for_the_sign_in_page_as_a_whole(client: Client, people: People) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/runs/7/"}
    answer = client.get("/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/login/?next=/runs/7/"


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/kpis.json", ""),
        ("/kpis.csv", "*/*"),
        ("/reports/2026-W14.json", "application/json"),
        ("/health/reports/9999.json", ""),
        ("/queue/", "application/json"),
    ],
)
def test_a_program_that_asks_for_data_gets_a_problem_and_no_form(client: Client, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["title"] == "Not signed in"


def test_somebody_who_opens_a_file_in_a_browser_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/kpis.csv", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/kpis.csv")


def test_without_redis_people_stay_signed_in(client_as: ClientAs, settings: Any) -> None:
    client = client_as("viewer")
    away = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}
    settings.CACHES = {"default": away}
    assert client.get("/").status_code == 200
    assert sign_in(Client()).status_code == 302
