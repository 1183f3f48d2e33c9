"""A real Alertmanager delivers into the running product, with no adapter: it fires, repeats, reloads, resolves."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.product import Product
from tests.programs import Program
from tests.services import free_port
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.layout import CHECKOUT

pytestmark = pytest.mark.long
PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIGURATION = """
route:
  receiver: operations
  group_by: [alertname, service]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 3s
receivers:
  - name: operations
    webhook_configs:
      - url: {url}/hooks/alertmanager
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials_file: {token}
"""
LOOK = """
import json
from incidents.models import Delivery, Ticket
print(json.dumps({
    "tickets": [
        {"title": ticket.title, "status": ticket.status, "severity": ticket.severity,
         "alerts": {row.labels["instance"]: [row.status, row.times, row.repeats] for row in ticket.alerts.all()}}
        for ticket in Ticket.objects.filter(source="monitoring").order_by("number")
    ],
    "states": sorted(set(Delivery.objects.values_list("state", flat=True))),
    "deliveries": Delivery.objects.count(),
}))
"""


class Alertmanager(Program):
    """A running Alertmanager that tells the product at `url`."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        assert PROGRAM is not None
        (folder / "token").write_text(token)
        configuration = folder / "alertmanager.yml"
        configuration.write_text(CONFIGURATION.format(url=url, token=folder / "token"))
        listen = f"127.0.0.1:{free_port()}"
        options = [
            f"--config.file={configuration}",
            f"--storage.path={folder / 'storage'}",
            "--cluster.listen-address=",
        ]
        argv = [PROGRAM, *options, f"--web.listen-address={listen}"]
        super().__init__(argv, f"http://{listen}", folder / "alertmanager.log")

    def ask(self, path: str, body: Any = None) -> int:
        data = b"" if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    def tell(self, instance: str, severity: str, ends_at: dt.datetime | None = None) -> None:
        """Say, as Prometheus does, that an alert fires, or has ended."""
        alert = {
            "labels": {"alertname": "DiskFull", "service": "shop", "instance": instance, "severity": severity},
            "annotations": {"description": f"{instance} is full", "runbook_url": "https://wiki.example.org/disk"},
            "generatorURL": "http://prometheus.internal/graph",
        }
        self.ask("/api/v2/alerts", [alert | ({"endsAt": ends_at.isoformat()} if ends_at else {})])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = temporary_directory("zbmaint-test-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Product]:
    running = Product(folder, {})
    yield running
    running.stop()


@pytest.fixture
def alertmanager(folder: Path, product: Product) -> Iterator[Alertmanager]:
    if PROGRAM is None:
        pytest.skip("no Alertmanager here: apt-get install prometheus-alertmanager")
    token = product.manage("source", "monitoring", "--kind", "alertmanager")
    running = Alertmanager(folder, product.url, token)
    yield running
    running.stop()


def test_fires_repeats_reloads_and_resolves(product: Product, alertmanager: Alertmanager) -> None:
    def seen() -> Any:
        return json.loads(product.do(LOOK))

    def alerts() -> dict[str, Any]:
        tickets = seen()["tickets"]
        return dict(tickets[0]["alerts"]) if tickets else {}

    alertmanager.tell("ops-1", "warning")
    until(lambda: alerts().get("ops-1", [""])[0] == "firing", 60, "the ticket")
    alertmanager.tell("ops-2", "critical")
    until(lambda: "ops-2" in alerts(), 60, "the second alert in the same ticket")
    until(lambda: alerts()["ops-1"][2] >= 2, 60, "repeats")
    deliveries = seen()["deliveries"]
    assert alertmanager.ask("/-/reload") == 200
    until(lambda: seen()["deliveries"] > deliveries, 60, "a delivery after the reload")
    told = seen()
    assert len(told["tickets"]) == 1
    assert (told["tickets"][0]["title"], told["tickets"][0]["severity"]) == ("DiskFull: shop", "critical")
    assert all(row[1] == 1 for row in alerts().values()), "nothing fired twice"
    now = dt.datetime.now(dt.UTC)
    alertmanager.tell("ops-1", "warning", now)
    until(lambda: alerts()["ops-1"][0] == "resolved", 60, "the first to be resolved")
    assert seen()["tickets"][0]["status"] == "open"
    alertmanager.tell("ops-2", "critical", dt.datetime.now(dt.UTC))
    until(lambda: seen()["tickets"][0]["status"] == "resolved", 60, "the ticket to be resolved by itself")
    assert seen()["states"] == ["processed"]


def test_the_configuration_on_the_page_is_what_alertmanager_takes(folder: Path) -> None:
    """What people copy is put beside a token file, and Alertmanager starts with it."""
    if PROGRAM is None:
        pytest.skip("no Alertmanager here: apt-get install prometheus-alertmanager")
    template = (CHECKOUT / "templates/incidents/source/alertmanager.html").read_text()
    copied = template.partition('alertmanager.yml">')[2].partition("</pre>")[0]
    place = folder / "copied"
    place.mkdir()
    (place / "token").write_text("zbs_1_x")
    text = copied.replace("{{ url }}", "http://127.0.0.1:1/hooks/alertmanager")
    (place / "alertmanager.yml").write_text(text.replace("/etc/alertmanager/operations-token", str(place / "token")))
    assert PROGRAM is not None
    child = subprocess.Popen(
        [
            PROGRAM,
            f"--config.file={place / 'alertmanager.yml'}",
            f"--storage.path={place / 'storage'}",
            f"--web.listen-address=127.0.0.1:{free_port()}",
            "--cluster.listen-address=",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    said = ""
    for line in child.stderr:
        said += line
        if "Completed loading of configuration file" in line or "failed" in line:
            break
    child.terminate()
    child.wait(20)
    child.stderr.close()
    assert "Completed loading of configuration file" in said, said
