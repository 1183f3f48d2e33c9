"""How the desk is set up, as far as a page of the queue shows it: tiers, and what its filters are chosen from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from incidents.models import Severity
from incidents.rules import lengths
from zbmaint.prepared import preparing_cursor

Choices = tuple[tuple[str, str], ...]
# Each part as one text. A text that was seen before is not read again, so what was made of it is never older than it.
READ: Final = """
SELECT
    (SELECT json_agg(json_build_array(
        tier.number, tier.name, person.id IS NOT NULL AND person.retired_at IS NULL,
        (SELECT json_object_agg(severity, response_minutes) FROM incidents_responsetarget WHERE tier_id = tier.number)
    ) ORDER BY tier.number) FROM incidents_tier AS tier LEFT JOIN access_person AS person ON person.id = tier.on_call_id
    )::text,
    (SELECT json_agg(json_build_array(id, username, username, retired_at IS NOT NULL) ORDER BY username)
     FROM access_person AS person
     WHERE retired_at IS NULL OR EXISTS (SELECT FROM incidents_ticket WHERE assignee_id = person.id))::text,
    (SELECT json_agg(name ORDER BY name) FROM incidents_tag)::text,
    (SELECT json_agg(json_build_array(id, key, name, retired_at IS NOT NULL) ORDER BY position, name)
     FROM incidents_category)::text
"""


class QueueTier(NamedTuple):
    """A tier: whether somebody is on call for it who is here, and its response targets in words, the worst first."""

    number: int
    name: str
    covered: bool
    targets: str

    def __str__(self) -> str:
        return f"Tier {self.number}"


class QueueSetup(NamedTuple):
    """The tiers; of people, tags and categories the choices (value, label); the ids of some by value."""

    tiers: tuple[QueueTier, ...]
    people: Choices
    tags: Choices
    categories: Choices
    person_ids: dict[str, int]
    category_ids: dict[str, int]


def read_setup() -> QueueSetup:
    """The set-up as it is now; one query."""
    with preparing_cursor() as cursor:
        cursor.execute(READ)
        return setup_of(cursor.fetchone())


def setup_of(row: Sequence[str | None]) -> QueueSetup:
    """The set-up as the columns of READ tell it."""
    tiers, people, tags, categories = (text or "[]" for text in row)
    return QueueSetup(
        tiers=_tiers(tiers),
        people=_choices(people, "has left"),
        tags=_tags(tags),
        categories=_choices(categories, "retired"),
        person_ids=_ids(people),
        category_ids=_ids(categories),
    )


@lru_cache(maxsize=4)
def _tiers(text: str) -> tuple[QueueTier, ...]:
    return tuple(
        QueueTier(number, name, covered, _in_words(minutes or {}))
        for number, name, covered, minutes in json.loads(text)
    )


@lru_cache(maxsize=8)
def _choices(text: str, over: str) -> Choices:
    return tuple((value, f"{name} ({over})" if is_over else name) for _, value, name, is_over in json.loads(text))


@lru_cache(maxsize=8)
def _ids(text: str) -> dict[str, int]:
    return {value: pk for pk, value, *_ in json.loads(text)}


@lru_cache(maxsize=4)
def _tags(text: str) -> Choices:
    return tuple((name, name) for name in json.loads(text))


def _in_words(minutes: dict[str, int]) -> str:
    return ", ".join(f"{name} {lengths.written(minutes[name])}" for name in Severity.values if name in minutes)
