"""The outbox: a notice is written with what it tells, once, and comes in order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from tests.notifications.posting import messages, post
from tests.receivers import Receiver
from zbmaint.notifications import jobs, outbox
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_writes_a_notice_and_its_message() -> None:
    notice = post()
    assert Notice.objects.get() == notice
    assert (notice.state, notice.attempts, notice.topic) == ("queued", 0, "run:12")
    assert notice.give_up_at - notice.created_at == dt.timedelta(hours=48)
    assert messages() == [(str(notice.pk), str(notice.token))]
    assert OrmQ.objects.get().key == "short"


def test_both_roll_back_with_the_transaction() -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert (Notice.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_it_refuses_to_work_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        post.__wrapped__()  # type: ignore[attr-defined]  # without its transaction
    assert OrmQ.objects.count() == 0


def test_an_event_is_posted_once_to_a_recipient() -> None:
    first, again = post(), post(payload={"other": True})
    assert again == first
    assert len(messages()) == 1
    assert post(recipient="somebody else") != first
    assert post("run:12:started") != first


def test_the_database_itself_refuses_a_second_one() -> None:
    notice = post()
    with pytest.raises(IntegrityError, match="one_notice_a_recipient"):
        Notice.objects.create(
            **{name: getattr(notice, name) for name in ("kind", "event", "topic", "transport", "recipient", "payload")},
            occurred_at=notice.occurred_at,
            give_up_at=notice.give_up_at,
        )


def test_of_many_workers_that_get_the_same_message_one_delivers(monitoring: Receiver) -> None:
    notice = post()

    def work() -> None:
        jobs.deliver(str(notice.pk), str(notice.token))
        connection.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(monitoring.received) == 1
    assert Notice.objects.get().attempts == 1


@pytest.mark.parametrize(("value", "wanted"), [(None, False), ("", False), ("  ", False), ("https://a.example/", True)])
def test_a_webhook_is_wanted_when_its_url_is_set(
    environment: pytest.MonkeyPatch, value: str | None, wanted: bool
) -> None:
    environment.delenv("MONITORING_WEBHOOK_URL", raising=False)
    if value is not None:
        environment.setenv("MONITORING_WEBHOOK_URL", value)
    assert outbox.wants_webhook() is wanted


def test_the_url_may_stand_in_a_file_and_one_that_cannot_be_read_loses_nothing(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("MONITORING_WEBHOOK_URL_FILE", str(tmp_path / "url"))
    assert outbox.wants_webhook()
    (tmp_path / "url").write_text("\n")
    assert not outbox.wants_webhook()
    (tmp_path / "url").write_text("https://a.example/\n")
    assert outbox.wants_webhook()
