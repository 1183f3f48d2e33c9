"""A Spring Boot application as its actuator answers, on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.maintenance.rules.test_prometheus_text import SPRING
from tests.receivers import Answer, Exchange, status

SIGN_IN = b"<!doctype html><title>Sign in</title><form></form>"


def health(said: str = "UP", **components: str | Mapping[str, Any]) -> Answer:
    """The answer of `/actuator/health`, with 503 when it is down, as Spring does."""
    inner = {name: {"status": each} if isinstance(each, str) else each for name, each in components.items()}
    body = {"status": said, **({"components": inner} if inner else {})}
    code = 503 if said in ("DOWN", "OUT_OF_SERVICE") else 200
    return status(code, json.dumps(body).encode(), **{"Content-Type": "application/vnd.spring-boot.actuator.v3+json"})


def actuator(healthy: Answer | None = None, numbers: Answer | None = None) -> Answer:
    """Answers by the path: health, numbers, and 404 for anything else."""
    paths = {
        "/actuator/health": healthy or health("UP", db="UP"),
        "/actuator/prometheus": numbers or status(200, SPRING.encode()),
    }

    def answer(exchange: Exchange) -> None:
        wanted = exchange.path.removeprefix("/app")
        paths.get(wanted, status(404, b'{"status":404}'))(exchange)

    return answer
