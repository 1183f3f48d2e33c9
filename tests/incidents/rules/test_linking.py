"""What a ticket can be linked to."""

from __future__ import annotations

import pytest

from incidents.rules.linking import ticket_number, why_not_address


@pytest.mark.parametrize(
    ("target", "number"),
    [("INC-1193", 1193), ("inc1193", 1193), (" 7 ", 7), ("INC-", None), ("run 7", None), ("٣", None), ("-7", None)],
)
def test_a_number_is_read_as_people_write_it(target: str, number: int | None) -> None:
    assert ticket_number(target) == number


def test_only_web_addresses_are_linked() -> None:
    assert why_not_address("https://status.example.org/7?a=b#c") is None
    assert why_not_address("HTTP://status.example.org") is None
    for target in ("javascript:x", "https:/x", "https://x\n.example", "mailto:a@b.c", "https://" + "x" * 500):
        assert why_not_address(target), target
