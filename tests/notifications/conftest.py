"""A receiver that the product is set to tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mailbox import Mailbox, mailbox
from tests.notifications.posting import SECRET
from tests.receivers import Receiver, receiver


@pytest.fixture
def monitoring(settings: Any, environment: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver at MONITORING_WEBHOOK_URL; its `answers` are the test's."""
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]
    settings.NOTICE_SEND_SECONDS = 5.0
    with receiver() as server:
        environment.setenv("MONITORING_WEBHOOK_URL", server.url("/hook"))
        environment.setenv("MONITORING_WEBHOOK_SECRET", SECRET)
        yield server


@pytest.fixture
def mail(environment: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server at EMAIL_URL."""
    with mailbox() as server:
        environment.setenv("EMAIL_URL", server.url)
        yield server
