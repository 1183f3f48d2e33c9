"""pytest plugin (loaded by `-p tests.scheduling`): who runs which tests, and when, where several processes run.

Tests of one group come one after the other in one process: they share what is costly to start, or would disturb each
other. pytest-xdist's own mark for this is not understood by this version of pytest. What takes longest begins first, so
that no process is left alone with it at the end.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# The beginning of a test's id -> its group; the first that fits counts. Every other test goes wherever there is room.
GROUPS = (
    ("tests/browser/", "browser"),
    ("tests/faults/test_worker_killed.py", "leases"),
    # These have servers of their own.
    ("tests/faults/test_burst_killed.py", "burst"),
    ("tests/faults/test_own_database_restarted.py", "restart"),
    ("tests/faults/", "clusters"),
    ("tests/embedded/test_up_demo.py", "up: demo"),
    ("tests/embedded/test_up", "up"),
    # Of these the first ones remove dead rows, which an older transaction of any database of the server holds; each of
    # the others is such a transaction, of seconds to a minute.
    ("tests/maintenance/tasks/test_obstacles.py", "long transactions"),
    ("tests/maintenance/tasks/test_interruptions.py", "long transactions"),
    ("tests/maintenance/tasks/test_planted.py", "long transactions"),
    ("tests/maintenance/tasks/test_vacuum.py", "long transactions"),
    ("tests/architecture/test_access_table.py::TestTable::", "long transactions"),
    ("tests/incidents/views/test_queue_weight.py::TestWeight::", "long transactions"),
    ("tests/dashboard/test_demo", "long transactions"),
)
# What takes longest: groups, and beginnings of the ids of tests that are in none. The longest first.
FIRST = (
    "browser",
    "clusters",
    # One process among groups of many: these are held to deadlines, and get no faster side by side.
    "long transactions",
    "up",
    "tests/incidents/actions/test_any_life.py",
    "burst",
    "restart",
    "leases",
    "up: demo",
    "tests/maintenance/tasks/",
    "tests/embedded/",
    "tests/incidents/actions/test_alerts.py",
    "tests/incidents/actions/test_together.py",
    "tests/incidents/rules/test_business_time.py",
)


def unit_of(nodeid: str) -> str:
    """The group of a test, or the test itself where it is in none."""
    return next((group for beginning, group in GROUPS if nodeid.startswith(beginning)), nodeid)


def turn_of(nodeid: str) -> int:
    """When a test's turn comes: the place of its unit in FIRST, or after all of that."""
    unit = unit_of(nodeid)
    places = (place for place, name in enumerate(FIRST) if unit == name or ("/" in name and unit.startswith(name)))
    return next(places, len(FIRST))


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types for its schedulers
    """Sends the tests of one group to one process, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget units that are done: xdist counts what is left in all of them after every test."""
        super().mark_test_complete(node, item_index, duration)
        work, unit = self.assigned_work[node], unit_of(self.registered_collections[node][item_index])
        if all(work[unit].values()):
            del work[unit]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Called by xdist with `-n`."""
    config.option.loadscopereorder = False  # by the number of their tests
    return GroupScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each process of several: xdist hands out tests in the order in which they were collected."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn_of(item.nodeid))
