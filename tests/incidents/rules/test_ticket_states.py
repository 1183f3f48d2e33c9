import pytest

from incidents.models import Status
from incidents.rules.ticket_states import FINISHED, UNFINISHED, clear_resolves


@pytest.mark.parametrize(
    ("status", "touched", "expected"),
    [
        ("open", False, True),
        ("open", True, False),
        ("in_progress", False, False),
        ("in_progress", True, False),
        ("resolved", False, False),
        ("closed", False, False),
    ],
)
def test_a_source_that_is_clear_ends_only_what_nobody_has_begun(status: str, touched: bool, expected: bool) -> None:
    assert clear_resolves(status, touched=touched) is expected


def test_every_status_is_finished_or_not() -> None:
    assert set(Status.values) == UNFINISHED | FINISHED
    assert not UNFINISHED & FINISHED
