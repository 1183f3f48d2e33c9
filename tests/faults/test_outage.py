"""PostgreSQL and Valkey stopped while alerts are sent: nothing that was accepted is lost, and all are ticketed then.

OUTAGE_SECONDS sets how long PostgreSQL is away.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen
from threading import Lock
from typing import Any

import pytest

from tests.faults.conftest import MANAGE
from tests.faults.test_alert_storm import send
from tests.faults.web_server import web_server
from tests.incidents.sourcing import body_of, of
from tests.services import free_port
from tests.waiting import until
from zbmaint import processes
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.postgres import PostgresServer
from zbmaint.embedded.valkey import ValkeyServer

pytestmark = pytest.mark.long
OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "30"))
CLIENTS, GROUPS = 4, 240
PATIENCE = 240.0
FIRING = "SELECT count(DISTINCT fingerprint) FROM incidents_ticketalert WHERE fingerprint LIKE 'fp-outage-%'"
UNREAD = "SELECT count(*) FROM incidents_delivery WHERE state <> 'processed'"


class Services:
    """A durable PostgreSQL and a Valkey of their own, which may be stopped, and workers and ticker on them."""

    def __init__(self, logs: Path) -> None:
        self._folder, self._logs = temporary_directory("zbmaint-outage-"), logs
        self.postgres = PostgresServer(self._folder / "data", self._folder / "run", port=free_port())
        self.valkey = ValkeyServer(self._folder / "valkey")
        self.postgres.start()
        self.valkey.start()
        self.postgres.wait_ready()
        self.valkey.wait_ready()
        self.postgres.create_database("zbmaint")
        self.database = self.postgres.url("zbmaint", "postgres")
        self.environment = {
            "DATABASE_URL": self.database,
            "REDIS_URL": f"unix://{self.valkey.socket_path}?db=0",
            "ZBMAINT_DATA": str(self._folder / "product"),
        }
        self._children: list[Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        """Run a command; what it prints."""
        out = self._logs / f"{'-'.join(arguments[:2])}.out"
        with out.open("wb") as output:
            child = processes.start([sys.executable, MANAGE, *arguments], env=self._environment(), output=output)
        processes.reap(child, grace_seconds=120)
        assert child.returncode == 0, out.read_text()
        return out.read_text().strip().splitlines()[-1] if out.stat().st_size else ""

    def start(self, *arguments: str) -> None:
        with (self._logs / f"{arguments[0]}.log").open("ab") as log:
            self._children.append(
                processes.start([sys.executable, MANAGE, *arguments], env=self._environment(), output=log)
            )

    def ask(self, query: str) -> int:
        with self.postgres.connect("zbmaint") as session:
            row = session.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def stop(self) -> None:
        for child in self._children:
            processes.stop(child, grace_seconds=20)
        self.valkey.stop()
        self.postgres.stop()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


@pytest.fixture
def services(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Services]:
    made = Services(tmp_path)
    for name, value in made.environment.items():
        environment.setenv(name, value)
    try:
        made.manage("migrate", "--verbosity", "0")
        made.manage("defaults")
        yield made
    finally:
        made.stop()


class Senders:
    """Clients that send a group each and, as Alertmanager does, send it again after a 5xx or without an answer."""

    def __init__(self, url: str, token: str, seconds: float) -> None:
        self._url, self._token, self._seconds = url, token, seconds
        self._lock, self.answers = Lock(), Counter[str]()

    def run(self) -> None:
        """Send all, evenly over the time."""
        self._began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(self._client, range(CLIENTS)))

    def _client(self, place: int) -> None:
        for number in range(place, GROUPS, CLIENTS):
            time.sleep(max(0.0, self._began + self._seconds * number / GROUPS - time.monotonic()))
            body = json.dumps(body_of([of(f"outage-{number}")], f"outage-{number}")).encode()
            until(lambda body=body: self._is_taken(body), PATIENCE, "an alert to be taken")  # type: ignore[misc]

    def _is_taken(self, body: bytes) -> bool:
        try:
            answer = str(send(self._url, self._token, body))
        except urllib.error.HTTPError as refused:
            answer = str(refused.code)
        except OSError as problem:
            answer = type(problem).__name__
        with self._lock:
            self.answers[answer] += 1
        if answer != "202":
            time.sleep(0.5)  # as a sender does before it tries again
        return answer == "202"


def say(capsys: Any, title: str, report: dict[str, Any]) -> None:
    with capsys.disabled():
        sys.stdout.write(
            "\n" + "\n".join([f"{title}:", *(f"  {name}: {said}" for name, said in report.items())]) + "\n"
        )


def test_postgresql_is_away_while_alerts_are_sent(services: Services, tmp_path: Path, capsys: Any) -> None:
    token = services.manage("source", "monitoring", "--kind", "alertmanager")
    services.start("worker", "short")
    services.start("ticker")
    with web_server(services.database, tmp_path / "web.log") as url:
        senders = Senders(url, token, OUTAGE * 2)
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(senders.run)
            until(lambda: senders.answers["202"] >= 20, PATIENCE, "the first alerts to be taken")
            services.postgres.stop()
            time.sleep(OUTAGE)  # how long it is away is what this is about
            services.postgres.start()
            services.postgres.wait_ready()
            began = time.monotonic()
            sent.result()
        until(lambda: services.ask(FIRING) == GROUPS, PATIENCE, "every alert to have a ticket")
        until(lambda: services.ask(UNREAD) == 0, PATIENCE, "every delivery to be read")
    report = {
        "answers": dict(senders.answers),
        "alerts": GROUPS,
        "ticketed": services.ask(FIRING),
        "seconds from its return": f"{time.monotonic() - began:.0f}",
    }
    say(capsys, f"PostgreSQL away for {OUTAGE:g} s", report)
    assert senders.answers["202"] == GROUPS
    assert senders.answers["503"] > 0
    assert not {answer for answer in senders.answers if answer in ("500", "429", "400", "401")}
    tickets = "SELECT count(*) FROM incidents_ticket WHERE source = 'monitoring'"
    assert services.ask(tickets) == GROUPS


def test_valkey_is_away_while_alerts_are_sent(services: Services, tmp_path: Path, capsys: Any) -> None:
    token = services.manage("source", "monitoring", "--kind", "alertmanager")
    services.start("worker", "short")
    services.start("ticker")
    services.manage("collectstatic", "--noinput")
    with web_server(services.database, tmp_path / "web.log") as url:
        senders = Senders(url, token, 10)
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(senders.run)
            until(lambda: senders.answers["202"] >= 20, PATIENCE, "the first alerts to be taken")
            services.valkey.stop()
            sent.result()
        until(lambda: services.ask(FIRING) == GROUPS, PATIENCE, "every alert to have a ticket without it")
        with urllib.request.urlopen(f"{url}/login/", timeout=30) as page:
            assert page.status == 200
    say(capsys, "Valkey away", {"answers": dict(senders.answers), "ticketed": services.ask(FIRING)})
    assert dict(senders.answers) == {"202": GROUPS}
