"""The same done to many tickets: each by itself, so that one that cannot be done stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from incidents.actions.refusals import Conflict, TicketRefused
from incidents.models import Ticket

MOST = 500


@dataclass
class Outcome:
    """Which tickets it was done to, and which not, with the reason."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def why_not_so_many(count: int) -> str | None:
    """Why so many tickets are not changed at once; None when they are."""
    return f"These are {count:,} tickets; at most {MOST} are changed at once. Choose fewer." if count > MOST else None


def each(numbers: Iterable[int], do: Callable[[int], object]) -> Outcome:
    """Do it to each ticket once, in its own transaction. Raises TicketRefused for more than 500, before any is done."""
    wanted = list(dict.fromkeys(numbers))
    if why := why_not_so_many(len(wanted)):
        raise TicketRefused(why)
    outcome = Outcome()
    for number in wanted:
        try:
            do(number)
        except Ticket.DoesNotExist:
            outcome.refused[number] = "There is no such ticket any more."
        except TicketRefused as refusal:
            outcome.refused[number] = str(refusal)
        except Conflict as conflict:
            changed = ", ".join(clash.field for clash in conflict.clashes)
            outcome.refused[number] = f"It has changed since you saw it ({changed}): look at it again."
        else:
            outcome.done.append(number)
    return outcome
