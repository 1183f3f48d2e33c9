"""The rounds of the ticker: what has come due is done ticket by ticket, and no ticket keeps the others waiting."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db.models import QuerySet

from incidents.actions.refusals import TicketRefused
from incidents.models import Ticket

MOST = 500  # tickets that one round changes, so that other periodic work gets its turn
log = structlog.get_logger(__name__)


def go_round(due: QuerySet[Ticket], do: Callable[[int], object], work: str) -> int:
    """Call `do` with the number of each ticket that is `due`, in that order; returns for how many it was done.

    One that cannot be done is logged as `work` and stays due: the next round tries it again. Each is a transaction
    of its own. At most `MOST` are done; those that fail do not count, or they would keep the others out for good.
    """
    done = 0
    for number in list(due.values_list("number", flat=True)):
        try:
            do(number)
        except (TicketRefused, Ticket.DoesNotExist):
            continue  # somebody was faster
        except Exception:
            log.exception("ticket_round_failed", work=work, ticket=number)
            continue
        done += 1
        if done == MOST:
            break
    return done
