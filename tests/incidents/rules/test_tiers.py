from incidents.rules.tiers import NUMBERS, TIERS


def test_the_twelve_targets_are_those_of_the_specification() -> None:
    hours = {
        number: [TIERS[number].minutes[s] / 60 for s in ("critical", "high", "medium", "low")] for number in NUMBERS
    }
    assert hours == {1: [0.25, 1, 4, 24], 2: [0.5, 2, 8, 48], 3: [1, 4, 24, 72]}


def test_every_tier_has_something_to_do_and_a_reason_to_hand_on() -> None:
    assert [(len(tier.responsibilities), len(tier.criteria)) for tier in TIERS.values()] == [(5, 4), (5, 4), (5, 3)]
