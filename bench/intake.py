"""What alert intake carries, against a floor that keeps a body by one durable INSERT: same server, same connections.

Run by `python -m bench intake`. The server is the product's own, with the floor beside it at /floor/.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from threading import Thread
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from bench.alternate import spread
from bench.product import free_port
from bench.rows import Row
from incidents.actions import source_tokens, sources
from incidents.models import Delivery
from zbmaint.management.commands.up import WEB_THREADS
from zbmaint.wsgi import application as product

CLIENTS, REQUESTS, ROUNDS, WARM_UP = 8, 200, 25, 3
LEAST = 0.6  # of the floor's requests a second
TABLE = "CREATE TABLE bench_intake (id bigserial PRIMARY KEY, body bytea, at timestamptz DEFAULT now())"
READY_SECONDS = 60.0
Start = Callable[..., Any]


def _floor() -> WSGIHandler:
    with override_settings(MIDDLEWARE=["bench.floor.own_urls"]):
        return WSGIHandler()


floor = _floor()


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """The product, and the floor beside it."""
    asked: Iterable[bytes] = (floor if environ["PATH_INFO"].startswith("/floor/") else product)(environ, start)
    return asked


def measure() -> list[Row]:
    """Set up, serve, and ask both sides in alternation."""
    call_command("migrate", verbosity=0)
    call_command("defaults")
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    source = sources.create("alertmanager", sources.SourceDetails("bench"), actor=None)
    headers = {
        "Authorization": f"Bearer {source_tokens.create(source, actor=None)}",
        "Content-Type": "application/json",
    }
    port = free_port()
    server = _serve(port)
    try:
        _await(port)
        sides = {"floor": "/floor/intake", "intake": "/hooks/alertmanager"}
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(-WARM_UP, ROUNDS):
            for name in sorted(sides, reverse=number % 2 == 0):
                rate = _rate(port, sides[name], headers)
                if number >= 0:
                    rates[name].append(rate)
    finally:
        server.terminate()
        server.wait(30)
    kept = Delivery.objects.count()
    if kept != (ROUNDS + WARM_UP) * REQUESTS:
        raise SystemExit(f"{kept} deliveries are kept of those that were answered")
    return _rows(rates)


def _rows(rates: Mapping[str, list[float]]) -> list[Row]:
    base, ours = spread(rates["floor"]), spread(rates["intake"])
    # Each round against the floor of the same round: what else the machine does changes slower than the sides.
    times = spread([floor / intake for floor, intake in zip(rates["floor"], rates["intake"], strict=True)])
    return [
        Row("intake", "floor: one durable INSERT", base.median, "1/s", spread=str(base)),
        Row("intake", f"alert intake, {CLIENTS} connections", ours.median, "1/s", spread=str(ours)),
        Row("intake", "time of one, in times of the floor's", times.median, "×", 1 / LEAST, "limit", str(times)),
    ]


def _serve(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", str(WEB_THREADS)]
    return subprocess.Popen([*command, "bench.intake:application"], env=os.environ, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def _await(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/healthz/live")
            if asked.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def _rate(port: int, path: str, headers: dict[str, str]) -> float:
    """Requests a second, over all clients."""
    body = json.dumps(_body()).encode()
    problems: list[str] = []

    def ask(count: int) -> None:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(count):
            asked.request("POST", path, body, headers)
            answer = asked.getresponse()
            said = answer.read()
            if answer.status != 202:
                problems.append(f"{path} answers {answer.status}: {said[:200]!r}")
                return
        asked.close()

    shares = [REQUESTS // CLIENTS + (1 if place < REQUESTS % CLIENTS else 0) for place in range(CLIENTS)]
    threads = [Thread(target=ask, args=(share,)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if problems:
        raise SystemExit(problems[0])
    return REQUESTS / took


def _body() -> dict[str, Any]:
    """A group of three alerts, as Alertmanager usually sends them: some 2 KB."""
    labels = {"alertname": "HighLatency", "service": "shop", "severity": "warning", "namespace": "production"}
    said = {"summary": "Latency is high", "description": "The 99th percentile is over 2 s for 10 min." * 3}
    alerts = [
        {
            "status": "firing",
            "labels": labels | {"instance": f"shop-{number}"},
            "annotations": said,
            "startsAt": "2026-04-05T03:01:00.123Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.internal:9090/graph?g0.expr=latency",
            "fingerprint": f"{number:016x}",
        }
        for number in range(3)
    ]
    return {
        "version": "4",
        "groupKey": '{}:{alertname="HighLatency", service="shop"}',
        "status": "firing",
        "receiver": "operations",
        "groupLabels": {"alertname": "HighLatency", "service": "shop"},
        "commonLabels": labels,
        "commonAnnotations": said,
        "externalURL": "http://alertmanager.internal:9093",
        "alerts": alerts,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(row) for row in measure()]))
