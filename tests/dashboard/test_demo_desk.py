"""What is said of generated tickets, their clocks, the platform and its probes, held against one generated desk."""

from __future__ import annotations

from tests.dashboard.generated import GeneratedDesk
from tests.dashboard.test_demo_clocks import ClocksOfGeneratedTickets
from tests.dashboard.test_demo_platform import GeneratedPlatform
from tests.dashboard.test_demo_probes import GeneratedProbes
from tests.dashboard.test_demo_timelines import TimelinesOfGeneratedTickets


class TestGeneratedDesk(
    ClocksOfGeneratedTickets, TimelinesOfGeneratedTickets, GeneratedPlatform, GeneratedProbes, GeneratedDesk
):
    """Generated once: it takes longer than all that is said of it."""
