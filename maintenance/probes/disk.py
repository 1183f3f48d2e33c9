"""Disk: the room that is left where a folder lies, on the prober's own machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from maintenance.models.probe import Component
from maintenance.probes.kind import (
    BadParameter,
    Kind,
    Look,
    Order,
    Parameter,
    Parameters,
    degraded,
    down,
    number,
    text,
    up,
)
from zbmaint.ui.words import size

OWN: Final = "own"
GB: Final = 1024**3


def check(given: Parameters) -> dict[str, Any]:
    """The folder, and how much room is too little, in per cent and in GB."""
    path = text(given, "path", 1_000)
    if path != OWN and not path.startswith("/"):
        raise BadParameter("path", "Write own, or a path that begins with /.")
    kept = {"path": path}
    limits = {
        "degraded_percent": number(given, "degraded_percent", 0, 100),
        "down_percent": number(given, "down_percent", 0, 100),
        "degraded_gb": number(given, "degraded_gb", 0, 1_000_000),
        "down_gb": number(given, "down_gb", 0, 1_000_000),
    }
    for unit in ("percent", "gb"):
        if limits[f"down_{unit}"] > limits[f"degraded_{unit}"]:
            raise BadParameter(
                f"down_{unit}", "What counts as down must not be more room than what counts as degraded."
            )
    return kept | limits


def look(order: Order) -> Look:
    """Ask the file system."""
    given = order.parameters
    path = where(given)
    try:
        facts = os.statvfs(path)
    except OSError as error:
        return down(f"{path} cannot be looked at: {(error.strerror or type(error).__name__).lower()}.")
    # What root may still use is no room for anybody else.
    free, whole = facts.f_bavail * facts.f_frsize, facts.f_blocks * facts.f_frsize
    share = 100 * free / whole if whole else 100.0
    says = f"{size(free)} of {size(whole)} are free ({share:.1f} %)."
    if share < given["down_percent"] or free < given["down_gb"] * GB:
        return down(says)
    if share < given["degraded_percent"] or free < given["degraded_gb"] * GB:
        return degraded(says)
    return up()


def where(given: Parameters) -> Path:
    """The folder; `own` is the product's data folder."""
    path = str(given["path"])
    return Path(settings.LAYOUT.root) if path == OWN else Path(path)


def place(given: Parameters) -> str:
    """The folder."""
    return str(given.get("path", ""))


KIND: Final = Kind(
    key="disk",
    title="Disk",
    parameters=(
        Parameter(
            "path",
            "Folder",
            "On the machine of the prober. own is the product's data folder.",
            default=OWN,
            required=True,
        ),
        Parameter("degraded_percent", "Degraded below (%)", "Of the whole; 0: never.", form="number", default=15),
        Parameter("down_percent", "Down below (%)", "Of the whole; 0: never.", form="number", default=5),
        Parameter("degraded_gb", "Degraded below (GB)", "0: never.", form="number", default=0),
        Parameter("down_gb", "Down below (GB)", "0: never.", form="number", default=0),
    ),
    check=check,
    look=look,
    place=place,
    remote=False,
    component=Component.DISK,
)
