"""A real Prometheus reads the running product, evaluates the alerts that are shipped, and answers the dashboard."""

from __future__ import annotations

import json
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.product import Product
from tests.programs import Program
from tests.receivers import Receiver, receiver, status
from tests.services import free_port
from tests.waiting import until
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.layout import CHECKOUT

pytestmark = pytest.mark.long
PROGRAM = shutil.which("prometheus")
TOKEN = "read-by-a-real-prometheus"
CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
scrape_configs:
  - job_name: zbmaint
    authorization: {{credentials_file: {token}}}
    static_configs: [{{targets: [{address}]}}]
rule_files: [{rules}]
"""
SHOP = """
from maintenance.actions import probes
probes.create(
    probes.Details(
        "Shop", "http", {{"url": "{url}", "statuses": "200"}},
        interval_seconds=10, timeout_seconds=5, confirmations=1, slo_percent=99,
    ),
    actor=None,
)
"""
RUN = """
from maintenance.actions import runs
from maintenance.models import Origin, Target
from maintenance.tasks.catalog import CATALOG
target = Target.objects.get(name="zbmaint")
print(runs.request(CATALOG["database_maintenance"], target, actor=None, origin=Origin.PERSON).pk)
"""
STATE = "from maintenance.models import Run; print(Run.objects.get(pk={}).state)"
# What a desk of some minutes cannot know: more of their time must be covered, and nothing was due yet.
LATER = {"Uptime, 30 days, net", "What is left of error budgets", "Burn rate, 1 h", "How late due times begin"}


class Prometheus(Program):
    """A running Prometheus that reads the product at `scraped`."""

    def __init__(self, folder: Path, scraped: str) -> None:
        assert PROGRAM is not None
        (folder / "token").write_text(TOKEN)
        rules = CHECKOUT / "deploy/prometheus/rules.yml"
        configuration = folder / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(token=folder / "token", address=scraped, rules=rules))
        listen = f"127.0.0.1:{free_port()}"
        options = [f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'series'}"]
        argv = [PROGRAM, *options, f"--web.listen-address={listen}"]
        super().__init__(argv, f"http://{listen}", folder / "prometheus.log")

    def ask(self, path: str, **query: str) -> Any:
        """What its API answers to a question that it understands."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            told = json.load(answer)
        assert told["status"] == "success", told
        return told["data"]

    def found(self, expression: str) -> list[Any]:
        """The samples of an expression, now."""
        return list(self.ask("query", query=expression)["result"])

    def rules(self) -> dict[str, Any]:
        """The alerts by their names."""
        return {rule["name"]: rule for group in self.ask("rules")["groups"] for rule in group["rules"]}


@pytest.fixture
def folder() -> Iterator[Path]:
    made = temporary_directory("zbmaint-test-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


@pytest.fixture
def product(folder: Path, shop: Receiver) -> Iterator[Product]:
    running = Product(folder, {"METRICS_TOKEN": TOKEN, "HTTP_ALLOWED_PRIVATE": "127.0.0.1"})
    running.do(SHOP.format(url=shop.url("/")))
    run = running.do(RUN)
    until(lambda: running.do(STATE.format(run)) in {"succeeded", "warning"}, 120, "a run to end")
    yield running
    running.stop()


@pytest.fixture
def prometheus(folder: Path, product: Product) -> Iterator[Prometheus]:
    if PROGRAM is None:
        pytest.skip("no Prometheus here: sh tests/system_packages.sh long")
    running = Prometheus(folder, product.url.removeprefix("http://"))
    yield running
    running.stop()


def test_it_reads_judges_and_draws(prometheus: Prometheus, shop: Receiver) -> None:
    until(lambda: prometheus.found("up == 1"), 60, "the first reading of /metrics")
    until(lambda: prometheus.found('zbmaint_probe_up{service="Shop"} == 1'), 60, "the shop to be up")
    until(lambda: all(rule["lastEvaluation"] > "0001" for rule in prometheus.rules().values()), 60, "every alert")
    assert {name: rule["health"] for name, rule in prometheus.rules().items() if rule["health"] != "ok"} == {}
    assert prometheus.rules()["ZbmaintProbeDown"]["state"] == "inactive"

    # A growth is seen in two readings.
    until(lambda: empty_panels(prometheus) <= LATER, 60, "every panel that can have something")

    shop.answers = [status(503)]
    until(lambda: prometheus.rules()["ZbmaintProbeDown"]["state"] == "firing", 120, "the alert on the shop")
    (alert,) = prometheus.rules()["ZbmaintProbeDown"]["alerts"]
    assert alert["annotations"]["summary"] == "Shop is down"
    shop.answers = [status(200)]
    until(lambda: prometheus.rules()["ZbmaintProbeDown"]["state"] == "inactive", 60, "its end")


def empty_panels(prometheus: Prometheus) -> set[str]:
    """The titles of the dashboard's panels of which an expression finds nothing now."""
    board = json.loads((CHECKOUT / "deploy/grafana/dashboard.json").read_text())
    return {
        panel["title"]
        for panel in board["panels"]
        for target in panel.get("targets", [])
        if not prometheus.found(target["expr"].replace("$__rate_interval", "4m"))
    }
