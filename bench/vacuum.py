"""Database maintenance against `vacuumdb --analyze -j 2 -t …` on the same tables, alternated on an embedded PostgreSQL.

    python -m bench.vacuum [--two-gigabytes] [--pairs N] [--folder PATH]

Prints medians with their spread, their ratios and the medians of each pair's ratio, and writes them into
bench/results.json. On a shared disk the spread is large; with `--folder /dev/shm` the disk is left out.
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
    parser.add_argument("--folder", type=Path, help="where the data lives, by default in /tmp")
    arguments = parser.parse_args()
    size = TWO_GIGABYTES if arguments.two_gigabytes else SMALL
    folder = temporary_directory("zbmaint-bench-")
    data = (arguments.folder / folder.name if arguments.folder else folder) / "data"
    # Nothing but us vacuums here; the rest is what `make run` gives.
    server = PostgresServer(data, folder / "run", version=VERSION, settings={"autovacuum_naptime": "2000000"})
    try:
        with server:
            where = f", {arguments.folder}" if arguments.folder else ""
            show(f"{size.name}{where}", measure(server, size, arguments.pairs))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(data.parent, ignore_errors=True)


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


def show(name: str, seconds: dict[str, list[float]]) -> None:
    """Print the figures and keep them in the results file beside those of other benchmarks."""
    floor = statistics.median(seconds["vacuumdb"])
    rows: dict[str, Any] = {}
    heading = f"{name}, {NEEDY} tables to vacuum"
    sys.stdout.write(f"\n{heading:34}  median s   min to max s       ratio  of pairs\n")
    for side, values in seconds.items():
        middle = statistics.median(values)
        # A disturbance of the machine hits both sides of a pair more alike than two rounds.
        of_pairs = statistics.median(ours / theirs for ours, theirs in zip(values, seconds["vacuumdb"], strict=True))
        rows[side] = {"median": middle, "ratio": middle / floor, "ratio_of_pairs": of_pairs, "seconds": values}
        spread = f"{min(values):.3f} to {max(values):.3f}"
        sys.stdout.write(f"{side:34}{middle:10.3f}   {spread:16}{middle / floor:8.2f}{of_pairs:10.2f}\n")
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[f"vacuum, {name}"] = rows
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
