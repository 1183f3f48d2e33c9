"""The content of a weekly report: the same numbers as the KPIs, and what is behind them."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from incidents.models import Ticket
from maintenance import alerts
from maintenance.kpis import values, week
from maintenance.kpis.period import Period
from maintenance.kpis.value import Filters
from maintenance.kpis.week_gaps import gaps
from maintenance.models import MaintenanceWindow, Occurrence, Outage, Probe, Schedule, Span
from tests.incidents.made import make_ticket
from tests.maintenance.made import make_run
from tests.maintenance.probing import make_probe, no_others
from tests.maintenance.weekly import A_DAY, HOUR, MONDAY, TASK, WEEK, service, tickets, two_weeks
from zbmaint.access.models import Person

pytestmark = pytest.mark.django_db
PERIOD = Period.week(WEEK)
BEGINS = dt.datetime(2026, 3, 30, tzinfo=dt.UTC)


def at(day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """A time of that day (0: Monday) of the week."""
    return BEGINS + dt.timedelta(days=day, hours=hour, minutes=minute)


class TestNumbers:
    def test_the_figures_are_the_kpis_of_the_week_with_their_changes(self) -> None:
        two_weeks(failed=2, missed=1, expected=5)
        content = week.content(PERIOD, alerts)
        now, before = values.read(PERIOD), values.read(PERIOD.previous())
        assert content["figures"] == now.flat()
        assert content["n"] == {key: value.n for key, value in now.items()}
        assert content["figures"]["success_rate"] == 14 / 16
        assert content["figures"]["average_task_duration_seconds"] == 20.25
        assert content["before"] == before.flat()
        assert content["changes"]["success_rate"] == 14 / 16 - 1
        assert content["changes"]["uptime"] is None

    def test_a_row_of_a_task_is_the_kpis_with_that_filter(self) -> None:
        two_weeks(failed=2, missed=1)
        row, every = week.content(PERIOD, alerts)["tasks"]
        read = values.read(PERIOD, Filters(task=TASK))
        for key, kpi in (
            ("completed", "tasks_completed"),
            ("planned", "occurrences_expected"),
            ("missed", "occurrences_missed"),
            ("success_rate", "success_rate"),
            ("average_seconds", "average_task_duration_seconds"),
        ):
            assert (row[key], every[key]) == (read[kpi].value, values.read(PERIOD)[kpi].value), key
        assert (row["task"], row["failed"], every["task"], every["title"]) == (TASK, 2, "", "All")

    def test_a_row_of_a_tier_is_the_kpis_with_that_filter(self) -> None:
        two_weeks()
        rows = {row["tier"]: row for row in week.content(PERIOD, alerts)["tiers"]}
        assert list(rows) == [1, 2, 3, 0]
        for tier in (0, 1):
            read = values.read(PERIOD, Filters(tier=tier))
            for key, kpi in (
                ("received", "tickets_opened"),
                ("resolved", "tickets_resolved"),
                ("response_compliance", "response_compliance"),
                ("mtta_median_seconds", "mtta_median_seconds"),
            ):
                assert rows[tier][key] == read[kpi].value, key
            assert rows[tier]["responses"] == read["response_compliance"].n
        assert (rows[2]["received"], rows[2]["response_compliance"], rows[2]["mtta_median_seconds"]) == (0, None, None)

    def test_a_row_of_a_service_is_the_kpis_with_that_filter(self) -> None:
        probe = service("API", up=20 * HOUR, net_up=20 * HOUR, down=3 * HOUR, net_down=2 * HOUR, maintenance=HOUR)
        service("API", MONDAY - 7 * A_DAY)
        system, row = week.content(PERIOD, alerts)["services"]
        read = values.read(PERIOD, Filters(service=probe.pk))
        for key, kpi in (("uptime", "uptime"), ("uptime_gross", "uptime_gross"), ("coverage", "uptime_coverage")):
            assert (row[key], system[key]) == (read[kpi].value, values.read(PERIOD)[kpi].value), key
        assert row["uptime"] == 164 / 166
        assert (row["name"], row["uptime_before"], row["down_seconds"]) == ("API", 1.0, 7200.0)

    def test_a_week_that_is_compared_with_nothing_knows_nothing_of_the_one_before(self) -> None:
        two_weeks()
        service("API", MONDAY - 7 * A_DAY)
        service("API")
        whole, alone = (week.content(PERIOD, alerts, compared=compared) for compared in (True, False))
        assert alone["figures"] == whole["figures"]
        assert (alone["before"], alone["before_n"], set(alone["changes"].values())) == (None, None, {None})
        for table, key in (
            *(("tasks", "average_seconds_before"), ("tasks", "change_seconds"), ("services", "uptime_before")),
            *(("tiers", "response_compliance_before"), ("tiers", "change")),
        ):
            assert {row[key] for row in alone[table]} == {None}
            assert {row[key] for row in whole[table]} != {None}

    def test_it_asks_the_database_as_often_whatever_happened(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        two_weeks()
        for number in range(4):
            service(f"Service {number}")
            make_run("failed", finished_at=at(1, number))
            probe = Probe.objects.get(name=f"Service {number}")
            Outage.objects.create(probe=probe, started_at=at(2), confirmed_at=at(2), ended_at=at(3), reason="Refused")
            if number in (0, 3):
                with django_assert_num_queries(QUERIES):
                    week.content(PERIOD, alerts)


QUERIES = 43


class TestTroubles:
    def test_runs_that_failed_are_named_with_their_tickets_and_what_made_them_good(self) -> None:
        two_weeks()
        failed = make_run("failed", finished_at=at(1, 2), verdict="Failed: no room on the disk")
        make_run("failed", finished_at=at(1, 2), dry_run=True)
        make_run("failed", finished_at=at(-1, 2))
        make_run("lost", finished_at=PERIOD.ends)
        make_run("warning", finished_at=at(2, 2))
        ticket = make_ticket()
        ticket.links.create(kind="run", ref=str(failed.pk), label="x")
        (row,) = week.content(PERIOD, alerts)["troubles"]
        assert (row["state"], row["run"], row["ticket"], row["url"]) == (
            *("failed", failed.pk, str(ticket), ticket.get_absolute_url()),
        )
        assert row["says"] == "No room on the disk"
        assert row["mended_at"] == at(2, 2).isoformat()

    def test_due_times_that_were_missed_are_named_with_the_ticket_that_was_told(self) -> None:
        two_weeks()
        scheduled = Schedule.objects.get(key="weekly").tasks.get(task=TASK)
        missed = Occurrence.objects.create(
            schedule=scheduled.schedule,
            version=scheduled.schedule.versions.get(),
            scheduled_task=scheduled,
            position=1,
            task=TASK,
            due_at=at(3),
            start_by=at(3, 1),
            planned_at=at(3),
            decided_at=at(3, 1),
            catch_up="none",
            overlap="skip",
            state="missed",
            reason="no worker was free",
        )
        alerts.occurrence_missed(missed)
        Ticket.objects.update(created_at=at(3, 1))
        (row,) = week.content(PERIOD, alerts)["troubles"]
        assert (row["state"], row["says"], row["ticket"], row["mended_at"]) == (
            *("missed", "No worker was free", str(Ticket.objects.get()), None),
        )
        Ticket.objects.update(created_at=at(3, 2))
        assert week.content(PERIOD, alerts)["troubles"][0]["ticket"] is None


class TestOutages:
    def test_what_went_on_in_the_week_is_listed_with_its_effect(self, people: dict[str, Person]) -> None:
        two_weeks()
        probe = make_probe("API")
        window = MaintenanceWindow.objects.create(
            begins_at=at(4), ends_at=at(4, 2), reason="Restart", requested_by=people["lead"], requested_at=at(0),
            approved_by=people["admin"], approved_at=at(1),
        )  # fmt: skip
        window.services.add(probe)
        for begins, ends in ((at(-1), at(0, 1)), (at(4, 1), at(4, 2)), (at(6), at(7, 5)), (at(-3), at(-2))):
            Outage.objects.create(probe=probe, started_at=begins, confirmed_at=begins, ended_at=ends, reason="Refused")
        Span.objects.create(probe=probe, begins=at(2), ends=at(2, 0, 24), state="degraded")
        Span.objects.create(probe=probe, begins=at(3), ends=at(3, 0, 4), state="degraded")
        rows = week.content(PERIOD, alerts)["outages"]
        assert [(row["effect"], row["seconds"] / 60, row["until"] is None) for row in rows] == [
            ("down", 25 * 60, False),
            ("degraded", 24, False),
            ("maintenance", 60, False),
            ("down", 24 * 60, True),
        ]


class TestGaps:
    @pytest.fixture(autouse=True)
    def _only_two(self) -> None:
        no_others()
        Probe.objects.update(retired_at=at(-7), created_at=at(-30))
        self.probes = [make_probe(name) for name in ("API", "Web")]
        Probe.objects.filter(name__in=("API", "Web")).update(created_at=at(-30))

    def spans(self, probe: Probe, *between: dt.datetime) -> None:
        for begins, ends in zip(between[::2], between[1::2], strict=True):
            Span.objects.create(probe=probe, begins=begins, ends=ends, state="up")

    def test_the_time_between_spans_is_listed_and_that_of_all_at_once_once(self) -> None:
        api, web = self.probes
        self.spans(api, at(-1), at(1, 14), at(1, 16, 30), at(8))
        self.spans(web, at(-1), at(1, 14), at(1, 16, 30), at(4), at(4, 0, 10), at(8))
        rows, more = gaps(PERIOD)
        assert [(row["name"], row["from"], row["seconds"]) for row in rows] == [
            ("", at(1, 14).isoformat(), 9000.0),
            ("Web", at(4).isoformat(), 600.0),
        ]
        assert more == 0

    def test_a_gap_of_most_services_is_one_line_that_says_of_how_many_and_how_long(self) -> None:
        api, web = self.probes
        mail, late = make_probe("Mail"), make_probe("Late")
        Probe.objects.filter(pk=mail.pk).update(created_at=at(-30))
        Probe.objects.filter(pk=late.pk).update(created_at=at(5))
        self.spans(api, at(-1), at(1, 14), at(1, 16, 30), at(8))
        self.spans(web, at(-1), at(1, 14, 10), at(1, 16, 31), at(8))
        self.spans(mail, at(-1), at(3), at(3, 1), at(8))
        self.spans(late, at(5), at(8))
        rows, more = gaps(PERIOD)
        assert [(row["name"], row["services"], row["of"], row["from"]) for row in rows] == [
            ("", 2, 3, at(1, 14).isoformat()),
            ("Mail", 1, 1, at(3).isoformat()),
        ]
        assert (rows[0]["until"], rows[0]["seconds"], rows[0]["least_seconds"]) == (
            *(at(1, 16, 31).isoformat(), 150 * 60.0, 141 * 60.0),
        )
        assert more == 0

    def test_a_week_without_any_span_is_one_gap_of_the_time_that_the_service_existed(self) -> None:
        api, web = self.probes
        self.spans(api, at(-1), at(8))
        Probe.objects.filter(pk=web.pk).update(created_at=at(5), retired_at=at(6), paused_at=at(5, 12))
        (row,), _ = gaps(PERIOD)
        assert (row["name"], row["from"], row["until"], row["paused"]) == (
            *("Web", at(5).isoformat(), at(6).isoformat(), True),
        )

    def test_what_is_shorter_than_a_minute_is_not_listed_and_of_many_the_longest_are(self) -> None:
        api, web = self.probes
        self.spans(api, at(-1), at(0, 1), at(0, 1) + dt.timedelta(seconds=59), at(8))
        edges = [at(-1)]
        for number in range(25):
            edges += [at(0, number, 10), at(0, number, 12 + number)]
        self.spans(web, *edges, at(8))
        rows, more = gaps(PERIOD)
        assert (len(rows), more) == (20, 5)
        assert min(row["seconds"] for row in rows) == 7 * 60
        assert [row["from"] for row in rows] == sorted(row["from"] for row in rows)


def test_erasures_are_named_with_their_window(people: dict[str, Person]) -> None:
    probe = service("API")
    Span.objects.create(probe=probe, begins=at(1), ends=at(1, 2), state="down")
    window = MaintenanceWindow.objects.create(
        begins_at=at(1), ends_at=at(1, 1), reason="Restart", requested_by=people["lead"], requested_at=at(1, 3),
        approved_by=people["admin"], approved_at=at(1, 4),
    )  # fmt: skip
    window.services.add(probe)
    (row,) = week.content(PERIOD, alerts)["erasures"]
    assert (row["name"], row["seconds"], row["reason"], row["approved_by"]) == ("API", 3600.0, "Restart", "admin")


def test_tickets_that_count_in_no_time_to_resolve_are_named() -> None:
    tickets()
    for code, days in (("duplicate", 1), ("no_fault", 6), ("fixed", 2), ("duplicate", 7)):
        ticket = make_ticket()
        Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolution_code=code, resolved_at=at(days, 1))
    rows = week.content(PERIOD, alerts)["unmeasured"]["tickets"]
    assert [row["why"] for row in rows] == ["Duplicate of another ticket", "No fault, noise"]
