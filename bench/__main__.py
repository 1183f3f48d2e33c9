"""All benchmarks, or those that are named: `python -m bench [case …]`. Exit status 1 when a limit is missed."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bench import product, vacuum
from bench.alternate import spread
from bench.data import TWO_GIGABYTES
from bench.desk import folder, measure_inside
from bench.rolled import MIDDLE, ONE_DAY
from bench.rows import Row, as_table, keep
from zbmaint.embedded.postgres import PostgresServer

VACUUM_PAIRS = 5
# Shares of vacuumdb's time that the parts of the task may take.
VACUUM_LIMITS = {"vacuum phase": 1.0, "whole task": 2.0}


# Data in memory, where there is room for it twice: a shared disk would be most of what is measured.
MEMORY, ROOM_BYTES = Path("/dev/shm"), 6 * 1024**3  # noqa: S108 - a folder of its own is made there


def measure_vacuum() -> list[Row]:
    """The vacuum phase and the whole task against PostgreSQL's own tool, on 2 GB in 60 tables, 40 of them needy."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    with (
        folder() as path,
        folder(MEMORY if in_memory else None) as data,
        PostgresServer(data / "data", path / "run", settings={"autovacuum_naptime": "2000000"}) as server,
    ):
        seconds = vacuum.measure(server, TWO_GIGABYTES, VACUUM_PAIRS)
    floor = spread(seconds["vacuumdb"])
    rows = [Row("vacuum", "vacuumdb --analyze -j 2", floor.median, "s", spread=str(floor))]
    for part, limit in VACUUM_LIMITS.items():
        seen, peer = spread(seconds[part]), f"{limit:g} × vacuumdb"
        rows.append(Row("vacuum", part, seen.median, "s", limit * floor.median, peer, str(seen)))
    return rows


# Times itself with a hundredth of the tickets and runs, or with a tenth of the days.
KPI_GROWTH, HUNDREDTH, TENTH, DAYS = 1.3, 100, 10, 400
FLOORS = ("bare view", "floor queue")


def measure_kpis() -> list[Row]:
    """Everything with a hundredth of the tickets and runs, then with all of them, and how much longer that takes.

    A day of a hundred times as many takes longer to be rolled up, of which nothing is said; one in the middle of ten
    times as many days, each with as much, must not.
    """
    whole = int(os.environ.get("ZBMAINT_BENCH_TICKETS", "100000"))
    fewer = _desk("bench.kpis", whole // HUNDREDTH, DAYS)
    shorter = _desk("bench.shorter", whole // TENTH, DAYS // TENTH)
    every = _desk("bench.kpis", whole, DAYS)
    middle = f"{ONE_DAY}, {MIDDLE}"
    pages = [row for row in fewer if row.unit == "ms" and not row.what.startswith((*FLOORS, ONE_DAY))]
    return [
        *every,
        *_growth(every, pages, "a hundredth"),
        *_growth(every, [row for row in shorter if row.what == middle], "a tenth of the days"),
    ]


def _growth(rows: list[Row], before: list[Row], since: str) -> list[Row]:
    """How many times as long each of the rows takes that was measured `before`, too."""
    figures = {row.what: row.figure for row in before}
    return [
        Row("kpis", f"{row.what}: growth from {since}", row.figure / figures[row.what], "×", KPI_GROWTH)
        for row in rows
        if row.what in figures
    ]


def _desk(module: str, tickets: int, days: int) -> list[Row]:
    """What a module measures on a desk of so many tickets and days."""
    os.environ |= {"ZBMAINT_BENCH_TICKETS": str(tickets), "ZBMAINT_BENCH_DAYS": str(days)}
    return measure_inside(module)


CASES: dict[str, Callable[[], list[Row]]] = {
    "vacuum": measure_vacuum,
    "planning": lambda: measure_inside("bench.planning"),
    "run_page": lambda: measure_inside("bench.run_page"),
    "notices": lambda: measure_inside("bench.notices"),
    "tickets": lambda: measure_inside("bench.tickets"),
    "intake": lambda: measure_inside("bench.intake"),
    "kpis": measure_kpis,
    "start": product.measure_start,
    "idle": product.measure_idle,
}


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of: {', '.join(CASES)} (default: all)")
    names = parser.parse_args().cases or list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown:
        parser.error(f"there is no case {', '.join(unknown)}; there are: {', '.join(CASES)}")
    rows: list[Row] = []
    for name in names:
        sys.stderr.write(f"{name} … (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)\n")
        found = CASES[name]()
        keep(found)
        rows += found
    sys.stdout.write(as_table(rows) + "\n")
    return 1 if any(row.verdict == "FAIL" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
