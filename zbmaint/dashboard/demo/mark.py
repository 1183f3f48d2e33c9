"""The mark that a database holds generated data, and the banner that says so on every page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zbmaint.access.models import InstalledDefault
from zbmaint.prepared import Prepared

# In the ledger of what was installed: it is written once and never taken back.
PREFIX = "demo:data"
SHAPE = re.compile(rf"{PREFIX}:days=(\d+):seed=(-?\d+)")

KEYS = Prepared(
    lambda: InstalledDefault.objects.filter(key__startswith=f"{PREFIX}:").order_by("pk").values_list("key")[:1]
)


@dataclass(frozen=True)
class Mark:
    """How much was generated, and from which seed."""

    days: int
    seed: int


def read() -> Mark | None:
    """The mark of this database; None when nothing in it was generated. One query by index."""
    keys = KEYS.rows()
    found = SHAPE.fullmatch(keys[0][0]) if keys else None
    return Mark(int(found[1]), int(found[2])) if found else None


def write(mark: Mark) -> None:
    """Mark this database for good."""
    InstalledDefault.objects.create(key=f"{PREFIX}:days={mark.days}:seed={mark.seed}")


def banner(request: HttpRequest) -> SafeString | None:
    """The banner for signed-in people; None in a database without generated data."""
    mark = read() if request.user.is_authenticated else None
    return _said(mark) if mark else None


@lru_cache(maxsize=1)
def _said(mark: Mark) -> SafeString:
    return render_to_string("dashboard/demo.html", {"mark": mark})
