"""The page of maintenance windows: asked for, approved, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Stakeholder
from maintenance.actions import windows
from maintenance.models import MaintenanceWindow, Probe
from tests.maintenance.probing import make_probe, make_window
from tests.maintenance.views.telling import told
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
People = dict[str, Person]
PAGE, NEW = "/health/windows/", "/health/windows/new/"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def web(db: None) -> Probe:
    return make_probe()


def given(web: Probe, **other: Any) -> dict[str, Any]:
    return {"services": [web.pk], "begins_at": "", "ends_at": f"{timezone.now() + HOUR:%Y-%m-%dT%H:%M}"} | {
        "reason": "Release <b>4</b>",
        **other,
    }


def test_from_the_question_to_the_list(web: Probe, client_as: SignIn, people: People) -> None:
    page = told(client_as("tier2"), NEW, given(web))
    assert "Asked for, from" in page
    assert "Release &lt;b&gt;4&lt;/b&gt; Not approved" in page
    window = MaintenanceWindow.objects.get()
    assert (window.requested_by, list(window.services.all())) == (people["tier2"], [web])
    lead = client_as("lead")
    question = lead.get(f"{PAGE}{window.pk}/approve/").content.decode()
    assert "listed as erased" in question
    page = told(lead, f"{PAGE}{window.pk}/approve/")
    assert "The window is approved. There is no stakeholder to tell." in page
    assert "Goes on, approved after it had begun" in page
    page = told(lead, f"{PAGE}{window.pk}/withdraw/")
    assert "The window is withdrawn." in page
    assert "Over or withdrawn" in page
    assert "lead has withdrawn it already." in told(lead, f"{PAGE}{window.pk}/withdraw/", status=409)


def test_a_form_that_was_sent_twice_asks_once(web: Probe, client_as: SignIn, people: People) -> None:
    tier2, begins = client_as("tier2"), timezone.now() + HOUR
    wanted = given(web, begins_at=f"{begins:%Y-%m-%dT%H:%M}", ends_at=f"{begins + HOUR:%Y-%m-%dT%H:%M}")
    told(tier2, NEW, wanted)
    assert "You have asked for just this already" in told(tier2, NEW, wanted, 422)
    window = MaintenanceWindow.objects.get()
    told(client_as("lead"), NEW, wanted)
    told(tier2, NEW, wanted | {"services": [web.pk, make_probe("Other").pk]})
    assert MaintenanceWindow.objects.count() == 3
    windows.withdraw(window, actor=people["tier2"])
    told(tier2, NEW, wanted)
    assert MaintenanceWindow.objects.count() == 4


def test_how_many_stakeholders_a_notice_was_made_for_is_said(web: Probe, client_as: SignIn, people: People) -> None:
    for number in range(2):
        Stakeholder.objects.create(name=f"Board {number}", address=f"board{number}@example.org")
    window = make_window([web], people["tier2"])
    page = told(client_as("lead"), f"{PAGE}{window.pk}/approve/")
    assert "The window is approved. A notice is queued for 2 stakeholders." in page
    assert Notice.objects.filter(kind="window.approved").count() == 2


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_one_that_is_settled_is_not_asked_about(
    web: Probe, client_as: SignIn, people: People, headers: dict[str, str]
) -> None:
    window = make_window([web], people["tier2"])
    lead, approve, withdraw = client_as("lead"), f"{PAGE}{window.pk}/approve/", f"{PAGE}{window.pk}/withdraw/"

    def seen(path: str) -> str:
        answer = lead.get(path, headers=headers)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Approve the maintenance window?" in seen(approve)
    windows.approve(window, actor=people["admin"])
    assert "admin has approved it, " in seen(approve)
    assert "Approve the maintenance window?" not in seen(approve)
    assert ("<html" in seen(approve)) is (not headers)
    assert "Withdraw the maintenance window?" in seen(withdraw)
    windows.withdraw(window, actor=people["tier2"])
    for path in (approve, withdraw):
        assert "tier2 has withdrawn it, " in seen(path)
        assert 'method="post" action="/health/windows/' not in seen(path)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"services": []}, "Choose at least one service that is worked on."),
        ({"services": [999_999]}, "is not one of the available choices"),
        ({"ends_at": ""}, "Say until when the work goes on."),
        ({"ends_at": "2020-01-01T00:00"}, "It must end after it begins."),
        ({"begins_at": "soon"}, "Enter a valid date/time."),
        ({"begins_at": "2020-01-01T00:00", "ends_at": "2020-01-01T01:00"}, "At most 31 days back."),
        ({"reason": ""}, "Say why: whoever sees the service down will ask."),
        ({"reason": "\u200b"}, "Say why: whoever sees the service down will ask."),
        ({"reason": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_wrong_one_is_refused_in_words(web: Probe, client_as: SignIn, wrong: dict[str, Any], says: str) -> None:
    assert says in told(client_as("tier2"), NEW, given(web, **wrong), 422)
    assert not MaintenanceWindow.objects.exists()


def test_each_sees_the_buttons_that_are_theirs(web: Probe, client_as: SignIn, people: People) -> None:
    begun = make_window([web], people["lead"])
    ahead = make_window([web], people["lead"], begins=timezone.now() + HOUR)

    def buttons(name: str) -> set[str]:
        html = client_as(name).get(PAGE).content.decode()
        names = ("window-new", *(f"{deed}-{each.pk}" for deed in ("approve", "withdraw") for each in (begun, ahead)))
        return {each for each in names if f'id="{each}"' in html}

    both = {f"withdraw-{begun.pk}", f"withdraw-{ahead.pk}", "window-new"}
    assert buttons("viewer") == set()
    assert buttons("tier2") == both
    assert buttons("manager") == {f"approve-{begun.pk}", f"approve-{ahead.pk}"}
    # Of their own they may approve only the one that has not begun.
    assert buttons("lead") == both | {f"approve-{ahead.pk}"}
    assert "only somebody else may approve it now" in told(client_as("lead"), f"{PAGE}{begun.pk}/approve/", status=409)


def test_an_empty_page_says_what_a_window_is_for(client_as: SignIn) -> None:
    assert "No maintenance is planned" in client_as("viewer").get(PAGE).content.decode()


def test_the_list_costs_as_many_queries_however_long_it_is(
    web: Probe, client_as: SignIn, people: People, django_assert_num_queries: Any
) -> None:
    client = client_as("viewer")
    client.get(PAGE)
    for number in range(20):
        window = make_window([web, make_probe(f"Web {number}")], people["lead"])
        if number % 2:
            windows.withdraw(window, actor=people["tier2"])
    with django_assert_num_queries(9):
        html = client.get(PAGE).content.decode()
    assert html.count("<li data-state=") == 20


def test_the_admin_shows_them_all(web: Probe, client_as: SignIn, people: People) -> None:
    window = make_window([web], people["lead"])
    admin = client_as("admin")
    assert "New release" in admin.get("/admin/maintenance/maintenancewindow/").content.decode()
    assert "Not approved" in admin.get(f"/admin/maintenance/maintenancewindow/{window.pk}/change/").content.decode()
