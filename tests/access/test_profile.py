"""What people decide about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.auditing import entries, entry
from tests.conftest import PASSWORD
from zbmaint.access.models import Person

ClientAs = Callable[[str], Client]
NEW = "quite another sentence"
PROFILE = {
    "name": "Anesu Moyo",
    "email": "a.moyo@example.org",
    "time_zone": "Africa/Harare",
    "theme": "dark",
    "density": "comfortable",
    "single_keys": "on",
}


def viewer() -> Person:
    """The viewer as the database has them."""
    return Person.objects.get(username="viewer")


def passwords(old: str = PASSWORD, new: str = NEW, again: str = NEW) -> dict[str, str]:
    """The form of the password page."""
    return {"old_password": old, "new_password1": new, "new_password2": again}


def test_it_shows_who_one_is_and_what_one_may_do(client_as: ClientAs) -> None:
    page = client_as("tier2").get("/profile/").content.decode()
    assert "<dd>Tier 2</dd>" in page
    assert "Start runs" in page
    assert "Accept findings" not in page


def test_it_saves_and_says_so(client_as: ClientAs) -> None:
    client = client_as("viewer")
    answer = client.post("/profile/", PROFILE, follow=True)
    assert answer.redirect_chain == [("/profile/", 302)]
    assert "Profile saved" in answer.content.decode()
    person = viewer()
    assert (person.name, person.time_zone, person.theme, person.density) == (
        "Anesu Moyo",
        "Africa/Harare",
        "dark",
        "comfortable",
    )


def test_a_change_is_recorded_with_what_it_was_before(client_as: ClientAs) -> None:
    client_as("viewer").post("/profile/", PROFILE)
    kept = entry()
    assert kept.verb == "profile_changed"
    assert kept.before is not None
    assert kept.after is not None
    assert (kept.before["time_zone"], kept.after["time_zone"]) == ("UTC", "Africa/Harare")
    assert "single_keys" not in kept.after


def test_saving_without_a_change_records_nothing(client_as: ClientAs) -> None:
    client = client_as("viewer")
    client.post("/profile/", PROFILE)
    client.post("/profile/", PROFILE)
    assert entries().count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("time_zone", "Mars/Olympus", "is not an IANA time zone"),
        ("email", "not an address", "name@example.org"),
        ("theme", "purple", "not one of the available choices"),
        ("name", "x" * 121, "at most 120 characters"),
    ],
)
def test_it_refuses_and_keeps_what_was_typed(client_as: ClientAs, field: str, value: str, says: str) -> None:
    answer = client_as("viewer").post("/profile/", PROFILE | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "The profile was not saved." in page
    assert 'value="Anesu Moyo"' in page or field == "name"
    assert viewer().name == "Viewer"


def test_a_refused_name_does_not_show_in_the_shell(client_as: ClientAs) -> None:
    page = client_as("viewer").post("/profile/", PROFILE | {"email": "no", "name": "Zed Zulu"}).content.decode()
    assert ">ZZ</span>" not in page


def test_the_role_cannot_be_changed_here(client_as: ClientAs) -> None:
    admin = Person.objects.get(username="admin")
    client_as("viewer").post("/profile/", PROFILE | {"role": str(admin.role_id), "username": "boss", "tier": "3"})
    person = viewer()
    assert (person.role.key, person.tier) == ("viewer", None)


@pytest.mark.parametrize(
    ("sent", "field", "kept"),
    [
        ({"theme": "dark"}, "theme", "dark"),
        ({"density": "comfortable"}, "density", "comfortable"),
        ({"single_keys": "off"}, "single_keys", False),
    ],
)
def test_the_shell_keeps_one_choice(client_as: ClientAs, sent: dict[str, str], field: str, kept: Any) -> None:
    answer = client_as("viewer").post("/profile/preferences/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert getattr(viewer(), field) == kept


def test_a_switch_that_is_sent_twice_is_on(client_as: ClientAs) -> None:
    client = client_as("viewer")
    client.post("/profile/preferences/", {"single_keys": "off"})
    client.post("/profile/preferences/", {"single_keys": ["off", "on"]})
    assert viewer().single_keys is True


def test_without_javascript_the_choice_leads_to_the_profile(client_as: ClientAs) -> None:
    assert client_as("viewer").post("/profile/preferences/", {"theme": "dark"})["Location"] == "/profile/"


def test_the_theme_cookie_follows_the_choice(client_as: ClientAs) -> None:
    client = client_as("viewer")
    assert client.post("/profile/preferences/", {"theme": "light"}).cookies["theme"].value == "light"
    assert client.post("/profile/preferences/", {"theme": "system"}).cookies["theme"]["max-age"] == 0


def test_a_choice_that_does_not_exist_is_refused(client_as: ClientAs) -> None:
    assert client_as("viewer").post("/profile/preferences/", {"theme": "purple"}).status_code == 422


def test_a_choice_needs_a_post(client_as: ClientAs) -> None:
    assert client_as("viewer").get("/profile/preferences/").status_code == 405


def test_the_password_changes_and_other_sessions_end(client_as: ClientAs) -> None:
    here, elsewhere = client_as("viewer"), client_as("viewer")
    answer = here.post("/profile/password/", passwords(), follow=True)
    assert "Password changed" in answer.content.decode()
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert viewer().check_password(NEW)


def test_a_changed_password_is_recorded_without_the_password(client_as: ClientAs) -> None:
    client_as("viewer").post("/profile/password/", passwords())
    kept = entries().get(verb="password_changed")
    assert (kept.before, kept.after) == (None, None)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (passwords(old="no"), "This is not your present password."),
        (passwords(again="different sentence"), "The two new passwords are not the same."),
        (passwords(new="short", again="short"), "too short"),
        (passwords(new="password123", again="password123"), "too common"),
        (passwords(new="viewer@example.org", again="viewer@example.org"), "too similar"),
    ],
)
def test_a_password_is_refused_with_the_reason(client_as: ClientAs, sent: dict[str, str], says: str) -> None:
    answer = client_as("viewer").post("/profile/password/", sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert viewer().check_password(PASSWORD)
