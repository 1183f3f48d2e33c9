import datetime as dt

import pytest

from incidents.intake.alert import Reference
from tests.incidents.made import alert


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"key": " "}, "needs a key"),
        ({"title": ""}, "needs a title"),
        ({"source": ""}, "needs a source"),
        ({"severity": "urgent"}, "one of critical, high, medium, low, not 'urgent'"),
        ({"status": "acknowledged"}, "firing or resolved, not 'acknowledged'"),
        ({"occurred_at": dt.datetime(2026, 4, 5)}, "needs its time zone"),  # noqa: DTZ001  # that is the point
    ],
)
def test_what_no_ticket_could_be_made_of_is_refused(facts: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        alert(**facts)


@pytest.mark.parametrize("url", ["", "/runs/12/", "https://example.org/x", "http://10.0.0.1/"])
def test_a_link_leads_into_the_product_or_to_the_web(url: str) -> None:
    assert Reference("run", "12", "Run 12", url).url == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//example.org/", "data:text/html,x", "runs/12/", "HTTPS:x"])
def test_any_other_link_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="A link must be"):
        Reference("run", "12", "Run 12", url)
