"""Sending a form of Django admin, and reading what comes back."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

Values = dict[str, object]


def text_of(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


def told(client: Client, path: str, values: Values) -> str:
    """Send a form and read the page that it leads to."""
    answer = client.post(path, values, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def error_at(html: str, field: str) -> str:
    """The errors at a field."""
    found = re.search(rf'<ul class="errorlist" id="id_{field}_error">(.*?)</ul>', html, re.S)
    return text_of(found.group(1)) if found else ""


def value_of(html: str, field: str) -> str:
    """What stands in a text field."""
    found = re.search(rf'<input[^>]*name="{field}"[^>]*>', html)
    value = re.search(r'value="([^"]*)"', found.group(0)) if found else None
    return unescape(value.group(1)) if value else ""


def fields_of(html: str) -> set[str]:
    """The names of the fields in which something can be typed or chosen."""
    form = html.split('id="content-main"')[1]
    return set(re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]+)"', form)) - {"csrfmiddlewaretoken"}
