"""The outbox in Django admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.notifications.posting import SECRET, post, work
from tests.receivers import Receiver, status
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Client]
LIST = "/admin/notifications/notice/"


def act(client: Client, action: str, *notices: Notice) -> str:
    data = {"action": action, "_selected_action": [str(notice.pk) for notice in notices]}
    return client.post(LIST, data, follow=True).content.decode()


def test_it_lists_what_left_and_what_became_of_it(client_as: ClientAs, monitoring: Receiver) -> None:
    monitoring.answers = [status(500)]
    post()
    work()
    page = client_as("lead").get(LIST).content.decode()
    assert "run:12" in page
    assert "HTTP 500 Internal Server Error" in page


def test_a_notice_is_shown_whole_without_address_and_secret_and_cannot_be_edited(
    client_as: ClientAs, monitoring: Receiver
) -> None:
    notice = post()
    work()
    page = client_as("admin").get(f"{LIST}{notice.pk}/change/").content.decode()
    assert str(notice.pk) in page
    assert "&lt;b&gt;" in page
    assert "<b>“all”" not in page
    assert 'name="_save"' not in page
    for hidden in (SECRET, "/hook", str(monitoring.port)):
        assert hidden not in page


def test_lead_and_admin_resend_and_cancel_from_the_list(client_as: ClientAs, monitoring: Receiver) -> None:
    sent, waiting = post("run:1:a"), post("run:2:a")
    work()
    Notice.objects.filter(pk=waiting.pk).update(state="queued")
    page = act(client_as("lead"), "resend", sent, waiting)
    assert "1 notice queued again." in page
    assert "It waits to be sent already." in page
    page = act(client_as("admin"), "cancel", sent, waiting)
    assert "2 notices cancelled." in page
    assert set(Notice.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_manager_only_reads(client_as: ClientAs, monitoring: Receiver) -> None:
    notice = post()
    work()
    manager = client_as("manager")
    assert "Send selected notices again" not in manager.get(LIST).content.decode()
    act(manager, "resend", notice)
    assert Notice.objects.get().state == "sent"


def test_the_list_costs_the_same_for_any_number(
    client_as: ClientAs, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin = client_as("admin")
    for number in range(30):
        post(f"run:{number}:a")
    with django_assert_num_queries(11):
        admin.get(LIST)
