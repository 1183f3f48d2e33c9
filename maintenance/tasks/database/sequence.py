"""The sequence of a database maintenance: its visible steps in order, and its end whichever way it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from maintenance.connectors.postgres import Session
from maintenance.rules.amounts import count, moment, size
from maintenance.rules.examination_outcome import Look, not_done
from maintenance.rules.vacuum_need import autovacuum_is_off
from maintenance.rules.vacuum_outcome import Tally, conclude
from maintenance.rules.vacuum_verdict import Result, words
from maintenance.task import Cancelled, Context, Outcome, OutOfTime, Step
from maintenance.tasks.database import connections, replication, sequences, server_state
from maintenance.tasks.database.analysis import STATISTICS_SHARE, Analysis, Subject
from maintenance.tasks.database.clock import Clock
from maintenance.tasks.database.crew import Crew
from maintenance.tasks.database.figures import read_figures, read_most_modified, state_end, state_figures
from maintenance.tasks.database.index_work import IndexWork
from maintenance.tasks.database.job import Job
from maintenance.tasks.database.ledger import Ledger, out_of_time_before
from maintenance.tasks.database.obstacles import KINDS, Obstacles
from maintenance.tasks.database.part import examine
from maintenance.tasks.database.plan import Plan, as_statements, make_plan
from maintenance.tasks.database.proof import prove
from maintenance.tasks.database.statements import ConnectionLost, cancellation, raise_if_lost
from maintenance.tasks.database.survey import read_parents, read_server, read_tables
from maintenance.tasks.database.vacuum import Vacuuming, step_key, step_name
from maintenance.tasks.database.watch import VACUUM_FROM, VACUUM_TO, Watch

LOOK: Final = ("look", "Look at the database")
# What is read first: it takes moments, and says what may stand in the way of the rest.
PARTS: Final = (*connections.PARTS, *sequences.PARTS, *replication.PARTS, *server_state.PARTS)
WORK_STEPS: Final = (
    ("statistics", "Refresh statistics"),
    ("modified", "Most modified tables"),
    ("candidates", "Find tables to vacuum"),
)
FIRST_STEPS: Final = (LOOK, *((part.key, part.name) for part in PARTS), *WORK_STEPS)
PARENTS_STEP: Final = ("parents", "Analyse partitioned parents")
LAST_STEPS: Final = [("verify", "Verify"), ("report", "Write report")]
ON_A_STANDBY: Final = "not measured: the database is on a standby"
STATUS: Final = {"succeeded": "completed", "warning": "completed_with_warnings", "failed": "failed"}
# The log names so many tables; the report names all.
TABLES_IN_LOG: Final = 100


class Sequence:
    """One maintenance of one database. `session` only reads; a crew does the work."""

    def __init__(self, context: Context, session: Session, parameters: dict[str, int]) -> None:
        self._context = context
        self._session = session
        self._parameters = parameters
        self._clock = Clock(context)
        self._waiting = [LOOK[0], *(key for key, _ in WORK_STEPS)]
        self._looks: list[Look] = []
        # Steps that end by themselves, unless something ends the run before.
        self._examinations = [part.key for part in PARTS]
        context.plan(list(FIRST_STEPS))
        with self._step("look") as step:
            self._session.execute("SET default_transaction_read_only = on")
            self._server = read_server(session)
            self._before = read_figures(session, context.run_id)
            self._say_what_is_there(step)
        ledger = Ledger(context)
        watch = Watch(context, session, ledger)
        self._job = Job(context, self._server, self._clock, ledger, watch, Obstacles(self._server))
        self._analysis = Analysis(self._job, parameters["analyze_seconds"])
        self._plan = Plan([], [], [])
        self._indexes = IndexWork(context, session, self._server, self._clock, parameters)

    # -- the two ways to go through -------------------------------------------------------------------------------

    def rehearse(self) -> Outcome:
        """Say what would be done; change nothing."""
        self._examine()
        with self._step("candidates") as step:
            plan = self._read_plan()
            statements = as_statements(plan, self._server)
            for row in statements:
                self._context.log(f"Would run: {row['statement']}  -- {row['needed']}")
            analyzed = len(plan.analyze) + len(plan.parents)
            step.finish("passed", f"{count(len(plan.vacuum), 'table')} to vacuum, {analyzed:,} to analyse")
        for key in ("statistics", "modified"):
            self._skip(key, "dry run")
        self._job.ledger.plan(plan.vacuum, set())
        for need in plan.vacuum:
            self._job.ledger.update(need.table.oid, verdict="planned")
        self._job.ledger.write()
        self._looks += self._indexes.perform()
        statements += [{"table": "", **row} for row in self._indexes.statements]
        self._context.report(plan=statements, not_done=not_done(self._looks))
        state_figures(self._context, self._server, self._before, self._before, len(plan.vacuum))
        state_end(self._context, STATUS["succeeded"], self._clock.seconds)
        what = f"{count(len(plan.vacuum), 'table')} would be vacuumed and {analyzed:,} analysed"
        rebuilt = len(self._indexes.statements)
        what += f", {count(rebuilt, 'statement')} for indexes" if rebuilt else ""
        return Outcome("succeeded", f"Dry run: {what}; nothing was changed.")

    def perform(self) -> Outcome:
        """Do the work."""
        lost = ""
        try:
            self._examine()
            if self._server.is_standby:
                self._leave_to_the_primary()
            else:
                self._work()
        except ConnectionLost as problem:
            lost = str(problem)
            self._context.log(f"Connection to the database lost: {lost}", "error")
            # The report is written even so.
            self._waiting = [key for key in self._waiting if key != "report"]
            self._leave("connection lost")
        except (Cancelled, OutOfTime) as stop:
            self._leave("cancelled" if isinstance(stop, Cancelled) else "out of time")
            raise
        except BaseException:
            self._leave("the run ended with an error")
            raise
        finally:
            self._job.ledger.write()
        return self._conclude(lost)

    def _work(self) -> None:
        # Tables that always fill the time must not keep the indexes from ever being looked at.
        indexes_first = any(row.get("state") == "out of time" for row in _rows(self._context, "not_done"))
        with Crew(self._context, self._parameters["jobs"]) as crew:
            if indexes_first:
                self._looks += self._indexes.perform()
            self._refresh_statistics(crew)
            self._show_most_modified()
            self._find_candidates()
            self._vacuum(crew)
            self._analyze_parents(crew)
            if not indexes_first:
                self._looks += self._indexes.perform()
        self._verify()

    def _leave_to_the_primary(self) -> None:
        for key, _ in WORK_STEPS:
            self._skip(key, ON_A_STANDBY)
        self._looks += self._indexes.perform()

    # -- the steps ------------------------------------------------------------------------------------------------

    def _examine(self) -> None:
        with cancellation(self._context):
            self._looks += examine(self._context, self._session, self._server, self._clock, PARTS)

    def _say_what_is_there(self, step: Step) -> None:
        server, before = self._server, self._before
        step.finish("passed", f"PostgreSQL {server.version}, {before.size_text}, {count(before.tables, 'table')}")
        self._context.log(
            f"Database {server.database} on PostgreSQL {server.version}: {before.size_text}, "
            f"{count(before.tables, 'table')}, {count(before.active, 'active connection')}; working as {server.user}"
        )
        if not server.sees_other_sessions:
            self._context.log(
                f"Role {server.user} may not see what other sessions do, so who locks a table or holds back a vacuum "
                f"may stay unnamed. GRANT pg_monitor TO {server.user} changes that.",
                "warn",
            )
        if server.standbys:
            self._context.log("Standbys follow this server: VACUUM does not truncate, which would end their queries.")
        state_figures(self._context, server, before, before, None)

    def _refresh_statistics(self, crew: Crew) -> None:
        """ANALYZE first what VACUUM will not analyse: it also corrects counts of dead rows that a crash has lost."""
        with self._step("statistics") as step:
            self._job.obstacles.server_settings()
            self._plan = self._read_plan()
            subjects = self._plan.analyze
            if not subjects:
                step.finish("passed", "nothing had changed enough")
            else:
                self._context.log(
                    f"{count(len(subjects), 'table')} changed beyond autovacuum's limit, or never analysed; "
                    "what is vacuumed is analysed with it"
                )
                until = self._clock.seconds + STATISTICS_SHARE * self._context.seconds_left()
                self._analysis.run(crew, subjects, step, until=until)

    def _show_most_modified(self) -> None:
        with self._step("modified") as step:
            found = read_most_modified(self._session)
            for row in found:
                changes = f"{row['inserted']:,} inserted, {row['updated']:,} updated, {row['deleted']:,} deleted"
                analyzed = moment(max(row["last_analyze"] or "", row["last_autoanalyze"] or "")) or "never"
                self._context.log(f"{row['table']}: {changes}; last analysed {analyzed}")
            self._context.report(most_modified=found)
            step.finish("passed", count(len(found), "table"))

    def _find_candidates(self) -> None:
        with self._step("candidates") as step:
            first, self._plan = self._plan, self._read_plan()
            parents = {subject.table.oid: subject for subject in [*first.parents, *self._plan.parents]}
            self._plan = Plan(self._plan.vacuum, [], sorted(parents.values(), key=lambda subject: subject.table.name))
            needs = self._plan.vacuum
            self._job.ledger.plan(needs, self._plan.critical(self._server))
            self._add_steps([(step_key(need), step_name(need)) for need in needs] + [PARENTS_STEP])
            self._context.plan(self._indexes.steps)
            self._examinations += [key for key, _ in self._indexes.steps]
            self._add_steps(LAST_STEPS)
            for need in needs[:TABLES_IN_LOG]:
                self._context.log(f"{need.table.name}: {'; '.join(need.reasons)}")
            for need in needs:
                if autovacuum_is_off(need.table):
                    self._job.obstacles.autovacuum_off_for(need.table.name)
            step.finish("passed", f"{count(len(needs), 'table')} to vacuum" if needs else "no table needs a vacuum")
        self._context.overall(VACUUM_FROM)

    def _vacuum(self, crew: Crew) -> None:
        Vacuuming(self._job, self._parameters["table_seconds"]).run(crew, self._plan.vacuum)
        self._context.overall(VACUUM_TO)

    def _analyze_parents(self, crew: Crew) -> None:
        subjects: list[Subject] = self._plan.parents
        if not subjects:
            self._skip("parents", "none has changed")
            return
        with self._step("parents") as step:
            self._analysis.run(crew, subjects, step)

    def _verify(self) -> None:
        with self._step("verify") as step:
            figures = read_figures(self._session, self._context.run_id)
            prove(self._job, self._session, step)
            state_figures(self._context, self._server, self._before, figures, len(self._plan.vacuum))

    # -- the end --------------------------------------------------------------------------------------------------

    def _conclude(self, lost: str) -> Outcome:
        entries = self._job.ledger.entries
        freed = sum((row.bytes_before or 0) - row.bytes_after for row in entries if row.bytes_after is not None)
        removed = sum(row.removed for row in entries)
        self._context.fact("dead_rows_removed", "Dead rows removed", removed)
        self._context.fact("bytes_freed", "Space given back", max(0, freed), unit="bytes")
        found = self._job.obstacles.report(self._context)
        tally = Tally(
            self._job.ledger.results,
            self._analysis.results,
            lost=lost,
            findings=found + sum(look.findings for look in self._looks),
            looks=self._looks,
            more_done=self._indexes.done,
            standby=self._server.is_standby,
        )
        state, verdict = conclude(tally)
        if "report" not in self._waiting:
            self._add_steps([LAST_STEPS[-1]])
        with self._step("report") as step:
            self._context.report(dead_rows_removed=removed, bytes_freed=max(0, freed), not_done=not_done(self._looks))
            state_end(self._context, STATUS[state], self._clock.seconds)
            step.finish("passed", f"{count(removed, 'dead row')} removed, {size(max(0, freed))} given back")
        in_time = all(row.result is not Result.OUT_OF_TIME for row in self._job.ledger.results)
        examined = KINDS if in_time and not lost and not self._server.is_standby else frozenset[str]()
        self._context.overall(100)
        return Outcome(state, verdict, examined.union(*(look.examined for look in self._looks)))

    def _leave(self, why: str) -> None:
        """Nothing more is begun: what waits is skipped, with the reason."""
        rest = self._job.ledger.close_rest(Result.NOT_BEGUN, why)
        for need in self._plan.vacuum:
            if need.table.oid in rest:
                self._context.skip(step_key(need), words(Result.NOT_BEGUN, why))
        for key in self._examinations:
            self._context.skip(key, words(Result.NOT_BEGUN, why))
        for key in list(self._waiting):
            self._skip(key, words(Result.NOT_BEGUN, why))

    def _read_plan(self) -> Plan:
        least = self._parameters["min_dead_tuples"]
        waited = out_of_time_before(self._context.previous_report)
        return make_plan(self._server, read_tables(self._session), read_parents(self._session), least, waited)

    # -- steps ----------------------------------------------------------------------------------------------------

    def _add_steps(self, steps: list[tuple[str, str]]) -> None:
        self._context.plan(steps)
        self._waiting += [key for key, name in steps if (key, name) in (PARENTS_STEP, *LAST_STEPS)]

    def _skip(self, key: str, why: str) -> None:
        self._waiting.remove(key)
        self._context.skip(key, why)

    @contextmanager
    def _step(self, key: str) -> Iterator[Step]:
        """A step in which the reading session may find that the connection is gone, or that it was cancelled."""
        self._waiting.remove(key)
        with self._context.step(key) as step, cancellation(self._context):
            try:
                yield step
            except psycopg.Error as error:
                raise_if_lost(self._session, error)
                raise


def _rows(context: Context, key: str) -> list[Mapping[str, Any]]:
    """A list of the report of the run before."""
    found = context.previous_report.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
