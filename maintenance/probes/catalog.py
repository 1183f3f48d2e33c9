"""Every kind of probe. Another one is one more file and one more line here."""

from __future__ import annotations

from typing import Final

from maintenance.probes import application, disk, http, postgres, queue_lag, redis, tls
from maintenance.probes.kind import Kind

KINDS: Final[dict[str, Kind]] = {
    kind.key: kind
    for kind in (http.KIND, tls.KIND, application.KIND, postgres.KIND, redis.KIND, disk.KIND, queue_lag.KIND)
}


def choices() -> list[tuple[str, str]]:
    """Every kind, for a select box."""
    return [(kind.key, kind.title) for kind in KINDS.values()]


def title_of(key: str) -> str:
    """What people call the kind."""
    return KINDS[key].title if key in KINDS else key
