"""Opening tickets that are sent more than once."""

from __future__ import annotations

import uuid
from threading import Barrier, Thread

import pytest
from django.db import connection

from incidents.actions.opening import Draft, open_ticket
from incidents.models import Entry, Stint, Ticket


@pytest.mark.usefixtures("installed")
def test_sent_several_times_at_once_it_is_one_ticket() -> None:
    rounds, workers = 5, 4
    drafts = [Draft(f"Mail is late {turn}", "Rudo", id=uuid.uuid4()) for turn in range(rounds)]
    barrier = Barrier(workers)
    opened: list[uuid.UUID] = []
    failures: list[Exception] = []

    def send() -> None:
        try:
            for draft in drafts:
                barrier.wait(30)
                opened.append(open_ticket(draft, actor=None).pk)
        except Exception as problem:  # shown below
            failures.append(problem)
            barrier.abort()
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(opened) == {draft.id for draft in drafts}
    assert Ticket.objects.count() == Stint.objects.count() == rounds
    assert Entry.objects.filter(kind="opened").count() == rounds


@pytest.mark.django_db
def test_without_an_id_the_same_text_is_another_ticket() -> None:
    draft = Draft("Mail is late", "Rudo")
    assert open_ticket(draft, actor=None) != open_ticket(draft, actor=None)
