"""Programs of the system that the product works with, started by tests: Prometheus and its Alertmanager."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.waiting import until


class Program:
    """A running program that answers at `/-/ready` of its `url` once it is; `log` takes what it says."""

    def __init__(self, argv: Sequence[str], url: str, log: Path) -> None:
        self.url = url
        self._log = log.open("wb")
        self.process = subprocess.Popen(argv, stdout=self._log, stderr=subprocess.STDOUT)
        until(self._is_ready, 60, f"{argv[0]} to be ready")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)
        self._log.close()

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, Path(self._log.name).read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
