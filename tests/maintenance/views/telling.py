"""Sending a form and reading what is said."""

from __future__ import annotations

import re

from django.test import Client


def told(client: Client, path: str, values: dict[str, object] | None = None, status: int = 200) -> str:
    """Send a form, follow where it leads, and read that page without its tags."""
    answer = client.post(path, values or {}, follow=True)
    assert answer.status_code == status
    text = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    return text.replace("&quot;", '"').replace("&#x27;", "'")
