"""pytest plugin (loaded by `-p tests.scheduling`): which tests share a process when several processes run the suite.

Tests of one group come one after the other in one process: they share what is costly to start, or would disturb each
other. pytest-xdist's own mark for this is not understood by this version of pytest.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The beginning of a test's id -> its group; the first that fits counts. Every other test goes wherever there is room.
GROUPS = (
    ("tests/browser/", "browser"),
    ("tests/faults/test_worker_killed.py", "leases"),
    ("tests/faults/", "clusters"),
    ("tests/embedded/test_up", "up"),
    ("tests/maintenance/tasks/test_obstacles.py", "transaction age"),
    ("tests/architecture/test_access_table.py::TestTable::", "access table"),
    ("tests/incidents/views/test_queue_weight.py::TestWeight::", "weight of the queue"),
    # Both generate a desk for all of their tests.
    ("tests/dashboard/test_demo.py::TestHistory::", "desk: history"),
    ("tests/dashboard/test_demo_desk.py::", "desk"),
)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types for its schedulers
    """Sends the tests of one group to one process, in their order; large groups first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for beginning, group in GROUPS if nodeid.startswith(beginning)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Called by xdist with `-n`."""
    return GroupScheduling(config, log)
