"""A storm: 200 alerts of three groups, sent by eight clients at once, four times over, to a real server and workers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from incidents.models import Delivery, Stakeholder, Ticket, Tier
from incidents.models.delivery import State
from tests.faults.conftest import Start
from tests.faults.web_server import web_server
from tests.incidents.sourcing import body_of, make_source, make_token, of
from tests.services import free_port
from tests.waiting import until
from zbmaint.access.models import Person
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.notifications.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("installed")]
CLIENTS, TIMES = 8, 4
GROUPS = {"shop": 67, "mail": 67, "search": 66}


def test_503_while_there_is_no_database(tmp_path: Path) -> None:
    """Alertmanager tries again after a 5xx, and after nothing else."""
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with web_server(nowhere, tmp_path / "web.log") as url, pytest.raises(urllib.error.HTTPError) as answer:
        send(url, "zbs_1_x", json.dumps(body_of([of("a")])).encode())
    assert (answer.value.code, answer.value.headers["Retry-After"]) == (503, "5")
    assert b"nobody" not in answer.value.read()


def test_413_is_heard_by_who_sends_too_much(installed: None, postgres18: PostgresServer, tmp_path: Path) -> None:
    token = make_token(make_source())
    database = postgres18.url(connection.settings_dict["NAME"], "postgres")
    with web_server(database, tmp_path / "web.log") as url, pytest.raises(urllib.error.HTTPError) as answer:
        send(url, token, b"x" * 20_000_000)
    assert answer.value.code == 413


def send(url: str, token: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/hooks/alertmanager", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(answer.status)


def test_three_tickets_with_the_right_alerts_and_one_notice_each(
    start: Start, people: dict[str, Person], postgres18: PostgresServer, tmp_path: Path
) -> None:
    token = make_token(make_source())
    Tier.objects.update(on_call=people["tier1"])
    Stakeholder.objects.create(name="Boss", address="boss@example.org")
    bodies = [
        json.dumps(body_of([of(f"{group}-{number}") for number in range(size)], group)).encode()
        for group, size in GROUPS.items()
    ]
    database = postgres18.url(connection.settings_dict["NAME"], "postgres")
    with web_server(database, tmp_path / "web.log") as url:
        for _ in range(2):  # so that deliveries of one group are read at the same moment
            start("worker", "short")

        def client(place: int) -> list[int]:
            turned = bodies[place % 3 :] + bodies[: place % 3]
            return [send(url, token, body) for _ in range(TIMES) for body in turned]

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = [status for answered in pool.map(client, range(CLIENTS)) for status in answered]
    assert answers == [202] * (CLIENTS * TIMES * len(GROUPS))
    waiting = Delivery.objects.exclude(state__in=[State.PROCESSED, State.FAILED])
    until(lambda: not waiting.exists(), 120, "all deliveries to be read")
    assert Delivery.objects.filter(state=State.PROCESSED).count() == len(answers)
    tickets = {ticket.title: ticket for ticket in Ticket.objects.filter(source="monitoring")}
    assert sorted(tickets) == [f"DiskFull: {group}" for group in sorted(GROUPS)]
    for group, size in GROUPS.items():
        ticket = tickets[f"DiskFull: {group}"]
        assert ticket.alerts.filter(status="firing", repeats=CLIENTS * TIMES - 1).count() == size
        assert ticket.alerts.count() == size
        assert (ticket.occurrences, ticket.version) == (CLIENTS * TIMES, 1)
    told = Counter(Notice.objects.values_list("topic", "transport", "recipient"))
    topics = [f"ticket:{ticket.number}" for ticket in tickets.values()]
    readers = [f"person:{people['tier1'].pk}", "boss@example.org"]
    assert told == {(topic, "email", reader): 1 for topic in topics for reader in readers}
