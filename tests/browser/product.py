"""The product as `manage.py up` starts it (not for the first time), on a data folder and a port of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from tests import started_once
from tests.embedded.observing import command_of, descendants
from tests.services import free_port
from tests.waiting import until
from zbmaint.embedded.layout import CHECKOUT

PASSWORD = started_once.PASSWORD
START_SECONDS = 120.0
# Executes each line that it is given; answers with what that printed and what went wrong.
SHELL = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    said, problem = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {"__name__": "shell"})
    except Exception:
        problem = traceback.format_exc()
    print(json.dumps([said.getvalue(), problem]), flush=True)
"""


class Product:
    """A running product; `stop` ends it and everything that it started."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._output = folder / "up.log"
        started_once.copy_to(folder / "data")
        self._environment = started_once.without_ours(os.environ) | {"ZBMAINT_DATA": str(folder / "data")}
        self._environment |= environment
        with self._output.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, CHECKOUT / "manage.py", "up", "--port", str(port)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(self.is_ready, START_SECONDS, f"the product to be ready:\n{self.said()}")

    def do(self, code: str) -> str:
        """Let the product's own Python execute `code`, as `manage.py shell` does; what it prints."""
        shell = self._shell
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(json.dumps(code) + "\n")
        shell.stdin.flush()
        said, problem = json.loads(shell.stdout.readline())
        assert not problem, problem
        return str(said).strip()

    @cached_property
    def _shell(self) -> subprocess.Popen[str]:
        """One for all: a new one would need longer to start than for what it is asked."""
        return subprocess.Popen(
            [sys.executable, CHECKOUT / "manage.py", "shell", "--no-imports", "--command", SHELL],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> str:
        """Run one of its commands; what it prints."""
        command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def said(self) -> str:
        """What `up` has printed."""
        return self._output.read_text()

    @property
    def pid(self) -> int:
        """Of `manage.py up`."""
        return self._process.pid

    def is_ready(self) -> bool:
        """Whether every part of it says so."""
        assert self._process.poll() is None, self.said()
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill_web_server(self) -> None:
        """Kill the web server as a crash would; `up` starts it again by itself."""
        address = self.url.removeprefix("http://").encode()
        # The server renames its processes to "granian wsgi <address> …" when it can.
        title = re.compile(rb"granian wsgi " + re.escape(address) + rb"|granian\0--interface")
        pids = [pid for pid in descendants(self._process.pid) if title.search(command_of(pid))]
        assert pids, "no web server found"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        if "_shell" in self.__dict__:
            self._shell.communicate(timeout=START_SECONDS)
        self._process.terminate()
        self._process.wait(START_SECONDS)
