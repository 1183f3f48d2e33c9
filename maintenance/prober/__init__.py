"""The prober: looks at every probe in its time, stores what it saw, and lets outages begin and end."""

from maintenance.prober.prober import Prober

__all__ = ["Prober"]
