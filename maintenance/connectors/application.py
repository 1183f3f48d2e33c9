"""A Spring Boot application: what `/actuator/health` and `/actuator/prometheus` under its address say."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.references import read_reference
from maintenance.rules import prometheus_text
from zbmaint import http

SHAPE: Final = "https://user:password@host.example.org:8080 (the address before /actuator)"
HEALTH, PROMETHEUS = "/actuator/health", "/actuator/prometheus"
# What is read of an answer: the health of a large application is some kB, its numbers some hundred.
LARGEST_HEALTH: Final = 262_144
LARGEST_NUMBERS: Final = 1_048_576
MOST_COMPONENTS, LONGEST_WORD = 100, 40
UP: Final = "UP"
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True)
class Health:
    """What an application says of itself: a status such as UP, and that of each component, by its name."""

    status: str
    components: dict[str, str]


@dataclass(frozen=True)
class Numbers:
    """The figures that are kept (see `prometheus_text`), and what was wrong with the answer, else empty."""

    figures: dict[str, float]
    note: str = ""


def read_health(reference: str, seconds: float) -> Health:
    """Ask for the health, within `seconds`. Raises ConnectionProblem, without a secret.

    Its part is `server` when something answered that is not the health of an application.
    """
    answer = _ask(reference, HEALTH, seconds, LARGEST_HEALTH)
    said = _json(answer.body) if answer.complete else None
    status = said.get("status") if isinstance(said, dict) else None
    # With 503 an application says that it is down. The JSON of an error has a number there.
    if isinstance(said, dict) and isinstance(status, str) and status:
        return Health(_word(status), dict(_components(said, "")[:MOST_COMPONENTS]))
    raise ConnectionProblem(*_what_it_is(answer, HEALTH, LARGEST_HEALTH, "the health of an application"))


def read_numbers(reference: str, seconds: float) -> Numbers:
    """Ask for the numbers, within `seconds`. Raises ConnectionProblem as `read_health` does.

    Of an answer that is too long what was read of it counts, and the note says so.
    """
    answer = _ask(reference, PROMETHEUS, seconds, LARGEST_NUMBERS)
    text = answer.body.decode(errors="replace")
    if not answer.complete:
        text = text[: text.rfind("\n") + 1]
    samples = prometheus_text.read(text, prometheus_text.NAMES)
    found = prometheus_text.figures(samples) if answer.status == 200 else {}
    if not found:
        raise ConnectionProblem(*_what_it_is(answer, PROMETHEUS, LARGEST_NUMBERS, "the numbers of an application"))
    return Numbers(found, "" if answer.complete else _cut(answer, LARGEST_NUMBERS))


def describe(reference: str, seconds: float) -> str:
    """What answers there, in a sentence or two. Raises ConnectionProblem when its health cannot be read."""
    began = time.monotonic()
    health = read_health(reference, seconds)
    named = f" with {', '.join(health.components)}" if health.components else ""
    try:
        numbers = read_numbers(reference, max(1.0, seconds - (time.monotonic() - began)))
    except ConnectionProblem as problem:
        return f"The application says {health.status}{named}. Its numbers cannot be read. {problem}"
    says = f"{len(numbers.figures)} of its numbers are kept."
    return f"The application says {health.status}{named}. {says} {numbers.note}".strip()


def _ask(reference: str, path: str, seconds: float, most: int) -> http.Answer:
    url = _address(*read_reference(reference, "", SHAPE)) + path
    try:
        return http.request("GET", url, seconds=seconds, connect_seconds=seconds, max_bytes=most, follow=False)
    except http.HttpProblem as problem:
        said = str(problem)
    # Raised here, outside the handler, so that nothing of the URL hangs on it.
    raise ConnectionProblem("host", said)


def _address(url: str, where: str) -> str:
    """The URL without what follows the path of the application. The messages quote nothing of it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # Its message quotes pieces of the URL.
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConnectionProblem("reference", f"{where} does not hold the address of an application, such as {SHAPE}.")
    path = parts.path.rstrip("/").removesuffix("/actuator")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _components(said: dict[str, Any], above: str) -> list[tuple[str, str]]:
    """The components with their statuses, and one level of those that they are made of."""
    found: list[tuple[str, str]] = []
    inner = said.get("components")
    for name, component in inner.items() if isinstance(inner, dict) else ():
        if isinstance(component, dict) and isinstance(component.get("status"), str):
            path = f"{above}/{_word(name)}" if above else _word(name)
            found.append((path, _word(component["status"])))
            if not above:
                found += _components(component, path)
    return found


def _word(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)[:LONGEST_WORD].strip()


def _what_it_is(answer: http.Answer, path: str, most: int, wanted: str) -> tuple[str, str]:
    """Which part is wrong with an answer that is not what was `wanted`, and a sentence about it."""
    said = f"{answer.status} {answer.reason}".strip()
    if answer.status in (401, 403):
        return "login", f"It answers {said} at {path}: user or password are wrong, or missing in the address."
    if answer.status in http.REDIRECTS:
        return "server", f"It answers {said} at {path}, a redirect, which is not followed: perhaps to a sign-in page."
    if not answer.complete:
        return "server", f"It answers {said} at {path}. {_cut(answer, most)} What was read is not {wanted}."
    if answer.body.lstrip()[:1] == b"<":
        return "server", f"It answers {said} at {path} with a page, not with {wanted}: perhaps a sign-in page."
    if answer.status == 404:
        return "server", f"It answers {said}: there is no {path} under its address, or it is not exposed."
    return "server", f"It answers {said} at {path}, but not with {wanted}."


def _cut(answer: http.Answer, most: int) -> str:
    if len(answer.body) >= most:
        return f"The answer is longer than {most // 1024:,} kB and was cut."
    if answer.broke_off:
        return f"The connection broke off after {len(answer.body):,} bytes of the answer."
    return f"The answer did not end in time and was cut after {len(answer.body):,} bytes."
