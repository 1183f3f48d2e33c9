"""A data folder on which the product was started once: for tests of something else than a first start.

Copying it beats another initdb, another migration from nothing and another collection of static files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests import services
from zbmaint.embedded.layout import CHECKOUT

PASSWORD = "a password for these tests"  # of `admin`, whom the first start has made
# What the test session has set for itself; the product starts its own servers.
OURS = ("DATABASE_URL", "REDIS_URL", "ZBMAINT_DATA", "PORT", "PUBLIC_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` as a person has it who starts the product."""
    return {name: value for name, value in environment.items() if name not in OURS}


def copy_to(data: Path) -> None:
    """Make `data`, which must not be there yet, such a folder."""
    with services.alone("started once"):
        original = services.folder / "started-once"
        if not original.exists():
            _start_and_stop(unfinished := original.with_suffix(".new"))
            unfinished.rename(original)
    subprocess.run(["cp", "-a", original, data], check=True)


def _start_and_stop(data: Path) -> None:
    """What `up` does before it is ready, with servers of its own; then it is told to stop."""
    shutil.rmtree(data, ignore_errors=True)
    up = subprocess.Popen(
        [sys.executable, CHECKOUT / "manage.py", "up", "--no-web", "--no-workers"],
        env=without_ours(os.environ) | {"ZBMAINT_DATA": str(data), "ZBMAINT_ADMIN_PASSWORD": PASSWORD},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if "zbmaint is ready" in line:
                up.terminate()
    assert up.returncode == 0, "".join(said)
    assert "zbmaint is ready" in "".join(said), "".join(said)
