import pytest

from incidents.rules.telling import sentence

MANY = [f"A{number}" for number in range(1, 10_001)]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ((["A"], [], [], 0), "1 alert fires: A"),
        (
            (["A", "B"], ["C"], ["D", "E"], 0),
            "2 alerts fire: A, B; 1 alert fires again: C; 2 alerts are resolved: D, E",
        ),
        ((MANY, [], [], 7), "10,000 alerts fire: A1, A2, A3 and 9,997 more; +7 truncated"),
        (([], [], [], 0), ""),
    ],
)
def test_sentence(told: tuple[list[str], list[str], list[str], int], says: str) -> None:
    assert sentence(*told) == says
