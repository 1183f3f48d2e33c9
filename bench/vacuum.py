"""Database maintenance against `vacuumdb --analyze -j 2 -t …` on the same tables, alternated on an embedded PostgreSQL.

    python -m bench.vacuum [--two-gigabytes] [--pairs N]

Prints medians with their spread and the ratios, and writes them into bench/results.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.data import NEEDY, SMALL, TWO_GIGABYTES, Size, fill, make_dead_rows, needy_tables
from bench.quiet import QuietContext
from maintenance.tasks.database_maintenance import database_maintenance
from zbmaint.embedded.accounts import temporary_directory
from zbmaint.embedded.binaries import postgres_programs
from zbmaint.embedded.postgres import PostgresServer

RESULTS = Path(__file__).with_name("results.json")
DATABASE = "bench"
JOBS = 2
VERSION = 18


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--two-gigabytes", action="store_true", help="a database of 2 GB instead of 100 MB")
    parser.add_argument("--pairs", type=int, default=5, help="how often each side is measured")
    arguments = parser.parse_args()
    size = TWO_GIGABYTES if arguments.two_gigabytes else SMALL
    folder = temporary_directory("zbmaint-bench-")
    # Nothing but us vacuums here; the rest is what `make run` gives.
    server = PostgresServer(
        folder / "data", folder / "run", version=VERSION, settings={"autovacuum_naptime": "2000000"}
    )
    try:
        with server:
            show(size, measure(server, size, arguments.pairs))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(server: PostgresServer, size: Size, pairs: int) -> dict[str, list[float]]:
    """Return seconds by side, each measured `pairs` times in alternation, after one round of each to warm up."""
    server.create_database(DATABASE)
    os.environ["BENCH_URL"] = server.url(DATABASE, "postgres")
    with server.connect(DATABASE) as connection:
        fill(connection, size)
    sides: dict[str, Callable[[], dict[str, float]]] = {"vacuumdb": run_vacuumdb, "ours": run_task}
    seconds: dict[str, list[float]] = {}
    for number in range(-1, pairs):
        # Whoever goes first finds another cache than the second.
        for side in sorted(sides, reverse=number % 2 == 0):
            with server.connect(DATABASE) as connection:
                make_dead_rows(connection, number)
            for name, value in sides[side]().items():
                seconds.setdefault(name, []).extend([value] if number >= 0 else [])
    return seconds


def run_vacuumdb() -> dict[str, float]:
    """Time PostgreSQL's own tool."""
    program = postgres_programs(VERSION, None) / "vacuumdb"
    tables = [part for table in needy_tables() for part in ("-t", table)]
    began = time.monotonic()
    subprocess.run(  # noqa: S603 - fixed arguments
        [program, "--analyze", "-j", str(JOBS), *tables, os.environ["BENCH_URL"]], check=True, capture_output=True
    )
    return {"vacuumdb": time.monotonic() - began}


def run_task() -> dict[str, float]:
    """Time the task: its vacuum phase (choosing the tables, vacuuming and proving each), and the whole of it."""
    context = QuietContext("env:BENCH_URL", {"jobs": JOBS})
    began = time.monotonic()
    outcome = database_maintenance.run(context)
    whole = time.monotonic() - began
    if outcome.state != "succeeded" or f"{NEEDY} tables vacuumed" not in outcome.verdict:
        raise SystemExit(f"the task did something else: {outcome.verdict}")
    return {"vacuum phase": context.began["parents"] - context.began["candidates"], "whole task": whole}


def show(size: Size, seconds: dict[str, list[float]]) -> None:
    """Print the figures and keep them in the results file beside those of other benchmarks."""
    floor = statistics.median(seconds["vacuumdb"])
    rows: dict[str, Any] = {}
    sys.stdout.write(f"\n{size.name}, {NEEDY} tables to vacuum      median s   min to max s      ratio\n")
    for name, values in seconds.items():
        middle = statistics.median(values)
        rows[name] = {"median": middle, "min": min(values), "max": max(values), "ratio": middle / floor}
        spread = f"{min(values):.3f} to {max(values):.3f}"
        sys.stdout.write(f"{name:34}{middle:10.3f}   {spread:16}{middle / floor:8.2f}\n")
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[f"vacuum, {size.name}"] = rows
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
