"""The monitoring webhook: a signed POST to `MONITORING_WEBHOOK_URL`. See docs/webhook.md.

URL and secret are read from the environment for every attempt and kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from zbmaint import http
from zbmaint.env import env
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports.transport import Delivery, Transport

KEY: Final = "webhook"
RECIPIENT: Final = "monitoring"
URL: Final = "MONITORING_WEBHOOK_URL"
SECRET: Final = "MONITORING_WEBHOOK_SECRET"  # noqa: S105  # the name of the variable, not its value


class Unreadable(Exception):
    """A setting cannot be read; the message names it."""


def setting(name: str) -> str:
    """The value of `name` or of the file that `<name>_FILE` names; empty when neither is set. Raises Unreadable."""
    try:
        return str(env.str(name, "")).strip()
    except (ValueError, OSError):
        raise Unreadable(f"{name}_FILE does not name a file of text that can be read.") from None


def is_wanted() -> bool:
    """Whether a URL is set, readable or not."""
    try:
        return bool(setting(URL))
    except Unreadable:
        return True


def lacks() -> str:
    """What is not set for it."""
    try:
        missing = [name for name in (URL, SECRET) if not setting(name)]
    except Unreadable as problem:
        return str(problem)
    return f"{missing[0]} is not set." if missing else ""


def body_of(notice: Notice) -> bytes:
    """The body, the same to the byte over all attempts."""
    envelope = {"id": notice.pk, "type": notice.kind, "occurred_at": notice.occurred_at, "data": notice.payload}
    return json.dumps(envelope, cls=DjangoJSONEncoder, separators=(",", ":")).encode()


def signature(secret: str, body: bytes) -> str:
    """What stands in `X-Zbmaint-Signature`."""
    return f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def send(notice: Notice) -> Delivery:
    """One attempt. Only 2xx means that the receiver has taken it; what else it says in its body is not kept."""
    try:
        url, secret = setting(URL), setting(SECRET)
    except Unreadable as problem:
        return Delivery(False, str(problem))
    if not url or not secret:
        return Delivery(False, f"{SECRET if url else URL} is not set for the workers.")
    body = body_of(notice)
    headers = {
        "Content-Type": "application/json",
        "X-Zbmaint-Delivery": str(notice.pk),
        "X-Zbmaint-Signature": signature(secret, body),
    }
    try:
        answer = http.request("POST", url, body=body, headers=headers, seconds=settings.NOTICE_SEND_SECONDS)
    except http.HttpProblem as problem:
        return Delivery(False, str(problem))
    says = f"HTTP {answer.status} {answer.reason}".rstrip()
    return Delivery(200 <= answer.status < 300, says, answer.status)


webhook = Transport(KEY, "Webhook", send, lacks, at_once=8)
