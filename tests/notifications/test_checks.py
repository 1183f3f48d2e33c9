from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

URL, SECRET = "MONITORING_WEBHOOK_URL", "MONITORING_WEBHOOK_SECRET"


def found() -> list[str]:
    """What the checks say: level, text and hint of each."""
    ours = [message for message in run_checks() if str(message.id).startswith("notifications.")]
    return [f"{message.level}: {message.msg} {message.hint}" for message in ours]


@pytest.fixture(autouse=True)
def _nothing_set(environment: pytest.MonkeyPatch) -> None:
    for name in (URL, SECRET):
        environment.delenv(name, raising=False)
        environment.delenv(f"{name}_FILE", raising=False)


def test_nothing_set_is_fine() -> None:
    assert found() == []


def test_both_set_is_fine(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(URL, "https://monitoring.example.org/hook")
    environment.setenv(SECRET, "s3cret")
    assert found() == []


def test_a_url_without_a_secret_says_what_to_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(URL, "https://monitoring.example.org/hunter2")
    said = found()
    assert len(said) == 1
    assert "MONITORING_WEBHOOK_URL is set and MONITORING_WEBHOOK_SECRET is not. Nothing is sent unsigned" in said[0]
    assert "Set MONITORING_WEBHOOK_SECRET (or MONITORING_WEBHOOK_SECRET_FILE)" in said[0]
    assert "hunter2" not in said[0]


def test_a_secret_without_a_url_is_said_too(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(SECRET, "hunter2")
    assert "MONITORING_WEBHOOK_SECRET is set and MONITORING_WEBHOOK_URL is not. Nothing is posted" in found()[0]
    assert "hunter2" not in found()[0]


def test_a_malformed_url_is_not_quoted(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(URL, "monitoring.example.org/hunter2")
    environment.setenv(SECRET, "s3cret")
    assert "MONITORING_WEBHOOK_URL is malformed" in found()[0]
    assert "hunter2" not in found()[0]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfd"])
def test_a_file_that_cannot_be_read_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    environment.setenv(URL, "https://monitoring.example.org/hook")
    environment.setenv(f"{SECRET}_FILE", str(tmp_path / "secret"))
    assert "MONITORING_WEBHOOK_SECRET_FILE does not name a file of text that can be read" in found()[0]


def test_a_malformed_allow_list_stops_the_start(settings: Any) -> None:
    settings.HTTP_ALLOWED_PRIVATE = ["10.0.0.0/99"]
    assert found()[0].startswith("40: HTTP_ALLOWED_PRIVATE is malformed: '10.0.0.0/99' is no network")


@pytest.mark.parametrize(("seconds", "fine"), [(0.5, False), (1.0, True), (10.0, True), (20.0, True), (60.0, False)])
def test_the_time_of_an_attempt_fits_the_queue(settings: Any, seconds: float, fine: bool) -> None:
    settings.NOTICE_SEND_SECONDS = seconds
    assert (found() == []) is fine


@pytest.mark.parametrize(
    ("url", "fine"),
    [(None, True), ("smtp://mail.example.org", True), ("mail.example.org/hunter2", False), ("smtp://h:hunter2", False)],
)
def test_a_mail_server_that_cannot_be_read_is_said_without_its_password(
    environment: pytest.MonkeyPatch, url: str | None, fine: bool
) -> None:
    environment.delenv("EMAIL_URL", raising=False)
    if url is not None:
        environment.setenv("EMAIL_URL", url)
    said = found()
    assert (said == []) is fine
    assert "hunter2" not in str(said)
