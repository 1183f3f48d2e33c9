"""Delivery to a chat, through Apprise, to a real receiver."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notifications.posting import messages, work, write_to
from tests.receivers import Receiver, receiver, status
from zbmaint.notifications.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(settings: Any, environment: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A chat at CHAT_OPERATIONS."""
    settings.NOTICE_CHAT_SCHEMES = ["json"]
    with receiver() as server:
        environment.setenv("CHAT_OPERATIONS", f"json://127.0.0.1:{server.port}/hunter2/")
        yield server


def sent(**facts: Any) -> Notice:
    notice = write_to("CHAT_OPERATIONS", **{"transport": "chat"} | facts)[0]
    work()
    return Notice.objects.get(pk=notice.pk)


def test_it_writes_subject_and_text(room: Receiver) -> None:
    notice = sent()
    assert (notice.state, notice.answer) == ("sent", "The chat has taken it.")
    said = json.loads(room.received[0].body)
    assert said["title"] == notice.subject
    assert "It is down." in said["message"]
    assert "Severity: medium" in said["message"]


@pytest.mark.parametrize(("code", "state"), [(500, "failed"), (429, "failed"), (404, "dead"), (410, "dead")])
def test_what_may_pass_is_tried_again_and_a_hook_that_is_gone_is_not(room: Receiver, code: int, state: str) -> None:
    room.answers = [status(code)]
    notice = sent()
    assert (notice.state, notice.last_status, notice.last_error) == (state, code, f"The chat answered {code}.")


def test_a_chat_that_is_away_is_tried_again(room: Receiver, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CHAT_OPERATIONS", "json://127.0.0.1:1/hunter2/")
    notice = sent()
    assert (notice.state, notice.last_error) == ("failed", "The chat could not be reached, or did not take it.")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (None, "CHAT_OPERATIONS is not set for the workers."),
        ("mailto://user:hunter2@example.org", "of a kind that NOTICE_CHAT_SCHEMES does not list"),
        ("hunter2", "of a kind that NOTICE_CHAT_SCHEMES does not list"),
        ("json://:hunter2@", "has an address that cannot be read"),
    ],
)
def test_what_is_wrong_with_the_address_is_said_without_it(
    room: Receiver, environment: pytest.MonkeyPatch, address: str | None, says: str
) -> None:
    environment.delenv("CHAT_OPERATIONS")
    if address is not None:
        environment.setenv("CHAT_OPERATIONS", address)
    notice = sent()
    assert notice.state == "failed"
    assert says in notice.last_error
    assert "hunter2" not in notice.last_error
    assert room.received == []


def test_no_other_variable_is_ever_read(room: Receiver, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL_COPY", f"json://127.0.0.1:{room.port}/")
    notice = write_to("DATABASE_URL_COPY", transport="chat")[0]
    work()
    assert Notice.objects.get(pk=notice.pk).state == "dead"
    assert room.received == []


def test_the_address_may_stand_in_a_file(room: Receiver, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("CHAT_OPERATIONS")
    (tmp_path / "chat").write_text(f"json://127.0.0.1:{room.port}/\n")
    environment.setenv("CHAT_OPERATIONS_FILE", str(tmp_path / "chat"))
    assert sent().state == "sent"
    environment.setenv("CHAT_OPERATIONS_FILE", str(tmp_path / "missing"))
    assert "CHAT_OPERATIONS_FILE does not name a file" in sent(event="ticket:13:1:opened").last_error


def test_the_address_is_in_no_row_message_or_log(room: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    room.answers = [status(500, b"hunter2")]
    sent()
    kept = str(list(Notice.objects.values())) + str(messages())
    ours = "".join(line.getMessage() for line in caplog.records if not line.name.startswith(("apprise", "urllib3")))
    assert "hunter2" not in kept + ours


def test_who_writes_to_no_chat_does_not_load_it() -> None:
    code = "import django, sys; django.setup(); import zbmaint.notifications.jobs; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
