import pytest

from incidents.rules.responding import counts


@pytest.mark.parametrize(
    ("actor_tier", "tier", "is_assignee", "expected"),
    [
        (1, 1, False, True),
        (1, 1, True, True),
        (2, 1, False, False),
        (2, 1, True, False),
        (1, 3, False, False),
        (None, 1, False, False),
        (None, 1, True, True),
    ],
)
def test_only_the_owning_tier_responds_or_who_is_of_none_and_has_it(
    actor_tier: int | None, tier: int, is_assignee: bool, expected: bool
) -> None:
    assert counts(actor_tier=actor_tier, tier=tier, is_assignee=is_assignee) is expected
