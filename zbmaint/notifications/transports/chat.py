"""Chat, by Apprise: Slack, Teams, Mattermost, Rocket.Chat, Matrix, Telegram and others.

The recipient is the name of a variable of the workers, such as `CHAT_OPERATIONS` (or `CHAT_OPERATIONS_FILE`), that has
the address as Apprise writes it, which is a secret. It is read for every attempt and kept nowhere.
"""

from __future__ import annotations

import importlib
import re
from logging import WARNING
from typing import Any, Final

from django.conf import settings

from zbmaint.env import env
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import letter
from zbmaint.notifications.transports.transport import Delivery, Transport

KEY: Final = "chat"
PREFIX: Final = "CHAT_"
CODE: Final = re.compile(r"error=(\d{3})\b")
GONE: Final = frozenset({401, 403, 404, 410})


def lacks() -> str:
    """Nothing: the workers have the addresses, not every process."""
    return ""


def send(notice: Notice) -> Delivery:
    """One attempt. A chat that says that the address is no longer its own is not tried again."""
    name = notice.recipient
    if not name.startswith(PREFIX):
        return Delivery(False, f"{name} is no name of a chat: it begins with {PREFIX}.", permanent=True)
    try:
        address = str(env.str(name, "")).strip()
    except (ValueError, OSError):
        return Delivery(False, f"{name}_FILE does not name a file of text that can be read.")
    if not address:
        return Delivery(False, f"{name} is not set for the workers.")
    scheme = address.partition("://")[0].lower()
    if scheme not in settings.NOTICE_CHAT_SCHEMES:
        return Delivery(False, f"{name} has an address of a kind that NOTICE_CHAT_SCHEMES does not list.")
    return _give(name, address, letter.write(notice))


def _give(name: str, address: str, written: letter.Letter) -> Delivery:
    # Here and not above: it takes 40 MB and a second, and most processes never write to a chat.
    apprise: Any = importlib.import_module("apprise")
    chat = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if chat is None:
        return Delivery(False, f"{name} has an address that cannot be read.")
    chat.socket_connect_timeout = chat.socket_read_timeout = settings.NOTICE_SEND_SECONDS / 2
    # What it logs may quote the address; only the code of an answer is taken from it.
    with apprise.LogCapture(level=WARNING) as log:
        taken = bool(chat.notify(title=written.subject, body=written.text, notify_type=apprise.NotifyType.WARNING))
        found = CODE.search(log.getvalue())
    code = int(found[1]) if found else None
    if taken:
        return Delivery(True, "The chat has taken it.", code)
    said = f"The chat answered {code}." if code else "The chat could not be reached, or did not take it."
    return Delivery(False, said, code, permanent=code in GONE)


chat = Transport(KEY, "Chat", send, lacks, at_once=4)
