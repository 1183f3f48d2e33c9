import pytest

from incidents.rules.severities import worse


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("critical", "high", "critical"),
        ("low", "medium", "medium"),
        ("medium", "medium", "medium"),
        ("low", "critical", "critical"),
    ],
)
def test_the_worse_of_two(one: str, other: str, expected: str) -> None:
    assert worse(one, other) == worse(other, one) == expected
