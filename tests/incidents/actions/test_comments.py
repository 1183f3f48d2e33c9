import pytest

from incidents.actions import comments, handing, statuses
from incidents.actions.refusals import TicketRefused
from tests.incidents.actions.conftest import Wall
from tests.incidents.made import open_one
from tests.incidents.reading import again, everything, told
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db


def test_it_is_in_the_timeline_once_and_its_writer_follows(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    comments.comment(ticket.number, " **Toner** ", actor=team["ann"])
    assert told(ticket, "comment") == ["**Toner**"]
    assert ticket.watchers.get().person == team["ann"]
    assert again(ticket).version == 2


def test_it_never_conflicts(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    handing.escalate(ticket.number, actor=team["ann"], criterion="System outages", reason="x")
    comments.comment(ticket.number, "Written before", actor=team["ada"])
    statuses.resolve(ticket.number, actor=team["ben"], code="fixed", note="x")
    comments.comment(ticket.number, "It was the toner", actor=team["ann"])
    assert told(ticket, "comment") == ["Written before", "It was the toner"]


@pytest.mark.parametrize("text", ["", " \n", "x" * 20_001, "a\x00b"], ids=["empty", "blank", "long", "NUL"])
def test_it_refuses_what_cannot_be_kept(text: str, wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    before = everything(ticket)
    with pytest.raises(TicketRefused) as refused:
        comments.comment(ticket.number, text, actor=team["ann"])
    assert refused.value.field == "text"
    assert everything(ticket) == before


def test_a_closed_ticket_takes_none_and_says_what_is_possible(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    statuses.resolve(ticket.number, actor=team["ann"], code="fixed", note="x")
    statuses.close(ticket.number, actor=team["ann"])
    before = everything(ticket)
    with pytest.raises(TicketRefused, match="Reopen it, and say why"):
        comments.comment(ticket.number, "Late", actor=team["ann"])
    assert everything(ticket) == before


def test_following_is_no_change_of_the_ticket(wall: Wall, team: dict[str, Person]) -> None:
    ticket = open_one()
    for _ in range(2):
        comments.watch(ticket, team["ada"])
    assert (ticket.watchers.count(), again(ticket).version) == (1, 1)
    comments.unwatch(ticket, team["ada"])
    assert ticket.watchers.count() == 0
