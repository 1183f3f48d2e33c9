"""HTTP: a page answers as it should, with the words that it should hold."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.references import REFERENCE, read_reference
from maintenance.probes.kind import BadParameter, Kind, Look, Order, Parameter, Parameters, down, text, up
from zbmaint import http

LONGEST_URL: Final = 2_000
SHAPE: Final = "https://host.example.org/health"
LONGEST_WORDS: Final = 200
# What is read of an answer, to look for words in it.
LARGEST_BODY: Final = 262_144
STATUSES: Final = re.compile(r"([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?")


def check(given: Parameters) -> dict[str, Any]:
    """The URL, the statuses that are good, the words that the answer must hold, whether redirects are followed."""
    statuses = text(given, "statuses", 100) or "200-299"
    good(statuses)
    return {
        "url": _url(text(given, "url", LONGEST_URL)),
        "statuses": statuses,
        "expects": text(given, "expects", LONGEST_WORDS),
        "follow": bool(given.get("follow")),
    }


def _url(url: str) -> str:
    if REFERENCE.fullmatch(url) and url != "own":
        return url
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
        _ = parts.port
    except ValueError:
        whole = False
    if not whole:
        raise BadParameter("url", f"Write an address such as {SHAPE}, or env:NAME or file:/path.")
    if parts.username or parts.password:
        raise BadParameter(
            "url", "An address with a user or password is not kept. Put it into a variable, and write env:NAME here."
        )
    return url


def good(statuses: str) -> list[tuple[int, int]]:
    """Read `200-299, 401` as ranges. Raises BadParameter."""
    ranges = []
    for part in filter(None, (part.strip() for part in statuses.split(","))):
        found = STATUSES.fullmatch(part)
        if found is None or (found[2] and int(found[2]) < int(found[1])):
            raise BadParameter(
                "statuses", f"{part!r} is no status: write 200, or 200-299, with commas between several."
            )
        ranges.append((int(found[1]), int(found[2] or found[1])))
    if not ranges:
        raise BadParameter("statuses", "Write at least one status, such as 200.")
    return ranges


def look(order: Order) -> Look:
    """Ask for the page, and read it."""
    given = order.parameters
    words = str(given.get("expects") or "")
    try:
        answer = http.request(
            "GET",
            _address(str(given["url"])),
            seconds=order.seconds,
            connect_seconds=order.seconds,
            max_bytes=LARGEST_BODY if words else 0,
            follow=bool(given.get("follow")),
        )
    except http.HttpProblem as problem:
        return down(str(problem), answered=False)
    except ConnectionProblem as problem:  # its address stands nowhere, whatever the network does
        return down(str(problem))
    if not any(first <= answer.status <= last for first, last in good(str(given["statuses"]))):
        redirected = ", a redirect, which is not followed" if answer.status in http.REDIRECTS else ""
        return down(f"It answers {answer.status} {answer.reason}".rstrip() + redirected + ".")
    if words and words.encode() not in answer.body:
        if answer.broke_off:
            return down(
                f"It answers {answer.status} and breaks off after {len(answer.body):,} bytes, without “{words}”."
            )
        where = "in the answer" if answer.complete else f"in the first {len(answer.body):,} bytes of the answer"
        return down(f"It answers {answer.status}, but “{words}” is not {where}.")
    return up()


def _address(url: str) -> str:
    return read_reference(url, "", SHAPE)[0] if REFERENCE.fullmatch(url) else url


def place(given: Parameters) -> str:
    """Host and port, as the path may be a secret; or the reference."""
    url = str(given.get("url", ""))
    if REFERENCE.fullmatch(url):
        return url
    try:
        return http.where(url)
    except http.HttpProblem:
        return "–"


KIND: Final = Kind(
    key="http",
    title="HTTP",
    parameters=(
        Parameter(
            "url",
            "Address",
            "Asked with GET. One that holds a secret stands elsewhere: env:NAME or file:/path.",
            required=True,
        ),
        Parameter("statuses", "Good statuses", "Such as 200-299, 401.", default="200-299"),
        Parameter(
            "expects",
            "Must hold",
            f"Words that a good answer holds within its first {LARGEST_BODY // 1024} kB, in just these letters. A "
            "sign-in page that answers 200 is not the page that was meant.",
        ),
        Parameter(
            "follow",
            "Follow redirects",
            "At most three, each checked as the first address is, and never from https to http.",
            form="flag",
            default=False,
        ),
    ),
    check=check,
    look=look,
    place=place,
)
