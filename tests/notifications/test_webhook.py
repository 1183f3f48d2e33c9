"""Delivery by webhook to a real receiver: what arrives, what is tried again, what is never told."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.serializers import serialize
from django.utils import timezone

from tests.notifications.posting import SECRET, make_due, messages, post, work
from tests.receivers import Receiver, connections, huge, receiver, silent, status
from zbmaint.audit.models import AuditEntry
from zbmaint.notifications import jobs, rules
from zbmaint.notifications.models import Notice
from zbmaint.notifications.sweep import sweep

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "webhook.md"
pytestmark = pytest.mark.django_db


def delivered(notice: Notice) -> Notice:
    """The notice after the queue was worked off once."""
    work()
    return Notice.objects.get(pk=notice.pk)


def test_it_delivers_a_signed_envelope(monitoring: Receiver) -> None:
    notice = delivered(post())
    assert (notice.state, notice.attempts, notice.last_status, notice.last_error) == ("sent", 1, 200, "")
    assert notice.settled_at is not None
    seen = monitoring.received[0]
    assert (seen.method, seen.path, seen.headers["Content-Type"]) == ("POST", "/hook", "application/json")
    assert seen.headers["X-Zbmaint-Delivery"] == str(notice.pk)
    expected = hmac.new(SECRET.encode(), seen.body, hashlib.sha256).hexdigest()
    assert seen.headers["X-Zbmaint-Signature"] == f"v1={expected}"
    envelope = json.loads(seen.body)
    assert set(envelope) == {"id", "type", "occurred_at", "data"}
    assert (envelope["id"], envelope["type"]) == (str(notice.pk), "maintenance.run_finished")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", envelope["occurred_at"])
    assert envelope["data"] == notice.payload


def test_500_for_a_while_then_200_is_delivered_once_late_with_the_same_id_and_body(monitoring: Receiver) -> None:
    monitoring.answers = [status(500), status(503), status(500), status(200)]
    notice = post()
    for attempt in (1, 2, 3):
        notice = delivered(notice)
        assert (notice.state, notice.attempts) == ("failed", attempt)
        assert notice.last_error in ("HTTP 500 Internal Server Error", "HTTP 503 Service Unavailable")
        assert notice.next_attempt_at > timezone.now()
        # Not before its time, and then once.
        assert (sweep(timezone.now()), work()) == (0, 0)
        make_due(notice)
        assert (sweep(timezone.now()), sweep(timezone.now())) == (1, 0)
    notice = delivered(notice)
    assert (notice.state, notice.attempts, notice.last_error) == ("sent", 4, "")
    assert {seen.headers["X-Zbmaint-Delivery"] for seen in monitoring.received} == {str(notice.pk)}
    assert len({seen.body for seen in monitoring.received}) == 1
    assert (sweep(timezone.now() + dt.timedelta(days=1)), work(), len(monitoring.received)) == (0, 0, 4)


def test_a_redirect_to_the_metadata_service_is_refused_and_no_packet_sent(monitoring: Receiver) -> None:
    monitoring.answers = [status(302, Location="http://169.254.169.254/latest/meta-data/")]
    with connections() as heard:
        notice = delivered(post())
    assert "169.254.169.254" not in heard
    assert len(monitoring.received) == 1
    assert notice.state == "failed"
    assert notice.last_error.startswith("169.254.169.254 is a link-local address")


def test_a_receiver_that_never_answers_is_tried_again(monitoring: Receiver, settings: Any) -> None:
    settings.NOTICE_SEND_SECONDS = 0.3
    monitoring.answers = [silent, status(200)]
    notice = delivered(post())
    assert (notice.state, notice.last_status) == ("failed", None)
    assert notice.last_error == f"127.0.0.1:{monitoring.port} did not answer within 0.3 s."
    make_due(notice)
    sweep(timezone.now())
    assert delivered(notice).state == "sent"


def test_a_50_mb_answer_is_cut_and_its_status_counts(monitoring: Receiver) -> None:
    monitoring.answers = [huge(50_000_000)]
    assert delivered(post()).state == "sent"
    assert monitoring.sent < 10_000_000


def test_a_private_address_that_is_not_listed_is_refused(monitoring: Receiver, settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = []
    notice = delivered(post())
    assert "is a private address" in notice.last_error
    assert monitoring.received == []


@pytest.mark.parametrize("code", [301, 303, 400, 401, 404, 410, 429])
def test_only_2xx_is_delivered(monitoring: Receiver, code: int) -> None:
    monitoring.answers = [status(code)]
    notice = delivered(post())
    assert (notice.state, notice.last_status) == ("failed", code)


@pytest.mark.parametrize("name", ["MONITORING_WEBHOOK_URL", "MONITORING_WEBHOOK_SECRET"])
def test_without_url_or_secret_nothing_leaves_and_nothing_is_lost(
    monitoring: Receiver, environment: pytest.MonkeyPatch, name: str, tmp_path: Path
) -> None:
    notice = post()
    environment.delenv(name)
    notice = delivered(notice)
    assert (notice.state, notice.last_error) == ("failed", f"{name} is not set for the workers.")
    environment.setenv(f"{name}_FILE", str(tmp_path / "missing"))
    make_due(notice)
    sweep(timezone.now())
    assert "_FILE does not name a file of text that can be read" in delivered(notice).last_error
    assert monitoring.received == []


def test_the_secret_may_stand_in_a_file(monitoring: Receiver, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("MONITORING_WEBHOOK_SECRET")
    (tmp_path / "secret").write_text("from a file\n")
    environment.setenv("MONITORING_WEBHOOK_SECRET_FILE", str(tmp_path / "secret"))
    assert delivered(post()).state == "sent"
    seen = monitoring.received[0]
    expected = hmac.new(b"from a file", seen.body, hashlib.sha256).hexdigest()
    assert seen.headers["X-Zbmaint-Signature"] == f"v1={expected}"


def test_after_48_hours_it_is_given_up_audited_and_left_alone(monitoring: Receiver) -> None:
    monitoring.answers = [status(500)]
    notice = delivered(post())
    Notice.objects.update(give_up_at=timezone.now())
    make_due(notice)
    sweep(timezone.now())
    notice = delivered(notice)
    assert (notice.state, notice.attempts, notice.last_error) == ("dead", 2, "HTTP 500 Internal Server Error")
    assert AuditEntry.objects.get(verb="notice_given_up").target_id == str(notice.pk)
    assert (sweep(timezone.now() + dt.timedelta(days=9)), len(monitoring.received)) == (0, 2)


def test_a_message_that_comes_twice_delivers_once(monitoring: Receiver) -> None:
    notice = post()
    token = str(notice.token)
    for _ in range(3):
        jobs.deliver(str(notice.pk), token)
    assert len(monitoring.received) == 1


def test_a_message_that_is_old_delivers_nothing(monitoring: Receiver) -> None:
    monitoring.answers = [status(500), status(200)]
    notice = post()
    token = str(notice.token)
    delivered(notice)
    jobs.deliver(str(notice.pk), token)
    assert len(monitoring.received) == 1


def test_notices_of_one_topic_come_in_order_and_others_do_not_wait(monitoring: Receiver) -> None:
    monitoring.answers = [status(500), status(200)]
    first, second, third = post("run:1:a"), post("run:1:b"), post("run:1:c")
    other = post("run:2:a")
    assert work() == 4
    states = {notice.event: notice.state for notice in Notice.objects.all()}
    assert states == {"run:1:a": "failed", "run:1:b": "queued", "run:1:c": "queued", "run:2:a": "sent"}
    make_due(first)
    assert sweep(timezone.now()) == 1
    # Each one that arrives lets the next one go at once.
    assert [work(), work(), work(), work()] == [1, 1, 1, 0]
    ids = [seen.headers["X-Zbmaint-Delivery"] for seen in monitoring.received]
    assert ids == [str(notice.pk) for notice in (first, other, first, second, third)]


def test_one_that_is_given_up_lets_the_next_go(monitoring: Receiver) -> None:
    monitoring.answers = [status(500), status(200)]
    post("run:1:a", occurred_at=timezone.now())
    second = post("run:1:b")
    Notice.objects.update(give_up_at=timezone.now())
    assert [work(), work()] == [2, 1]
    assert Notice.objects.get(pk=second.pk).state == "sent"


def test_a_transport_that_no_version_knows_is_said() -> None:
    notice = delivered(post(transport="pigeon"))
    assert (notice.state, notice.last_error) == ("failed", "There is no transport 'pigeon' in this version.")


def test_a_bug_costs_one_attempt_and_says_nothing_of_what_it_held(
    monitoring: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot send to {monitoring.url()} with {SECRET}")

    monkeypatch.setattr("zbmaint.notifications.transports.webhook.http.request", broken)
    notice = delivered(post())
    assert (notice.state, notice.last_error) == ("failed", "The transport ended with an error: RuntimeError.")
    assert "test_webhook.py:" in caplog.text
    assert SECRET not in caplog.text
    assert "/hook" not in caplog.text


def test_secret_and_path_are_in_no_row_message_or_log(
    monitoring: Receiver, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    environment.setenv("MONITORING_WEBHOOK_URL", monitoring.url("/T0PSECRETPATH?key=hunter2query"))
    monitoring.answers = [
        status(500, b"you sent hunter2query"),
        status(302, Location="http://127.0.0.1:1/hunter2query"),
    ]
    notice = post()
    for _ in range(3):
        notice = delivered(notice)
        make_due(notice)
        sweep(timezone.now())
    kept = serialize("json", [*Notice.objects.all(), *AuditEntry.objects.all()]) + str(messages()) + caplog.text
    assert len(monitoring.received) >= 2
    assert "notice.attempted" in kept
    for secret in (SECRET, "T0PSECRETPATH", "hunter2query"):
        assert secret not in kept


def test_the_receiver_gets_no_secret_either(monitoring: Receiver) -> None:
    delivered(post())
    seen = monitoring.received[0]
    assert SECRET.encode() not in seen.body
    assert SECRET not in str(seen.headers)


def test_the_receiver_checks_it_as_the_manual_says(monitoring: Receiver) -> None:
    delivered(post())
    seen = monitoring.received[0]
    manual: dict[str, Any] = {}
    exec(MANUAL.read_text().split("```python")[1].split("```")[0], manual)  # the code that receivers copy
    signature = seen.headers["X-Zbmaint-Signature"]
    assert manual["is_genuine"](SECRET.encode(), seen.body, signature)
    assert not manual["is_genuine"](SECRET.encode(), seen.body + b" ", signature)
    assert not manual["is_genuine"](b"another", seen.body, signature)


def test_a_receiver_that_moves_is_followed(monitoring: Receiver) -> None:
    with receiver() as moved:
        monitoring.answers = [status(308, Location=moved.url("/new"))]
        assert delivered(post()).state == "sent"
    assert moved.received[0].headers["X-Zbmaint-Signature"] == monitoring.received[0].headers["X-Zbmaint-Signature"]


def test_all_states_are_known_to_the_model() -> None:
    assert [value for value, _ in Notice._meta.get_field("state").choices or []] == list(rules.MEANING)
