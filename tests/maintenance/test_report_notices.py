"""Reports by e-mail: to whom, once each, what they say; and of the health of the platform."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from incidents.models import NoticePreferences, NoticeRule
from maintenance import notices
from maintenance.models import HealthReport
from tests.mailbox import mailbox
from tests.maintenance.weekly import NOW, make_report, service, two_weeks
from tests.notifications.posting import work
from zbmaint.access.models import Person
from zbmaint.notifications.models import Notice
from zbmaint.notifications.transports import letter

pytestmark = pytest.mark.django_db
People = dict[str, Person]
SENT = ("person__username", "transport", "event")


def told() -> set[tuple[Any, ...]]:
    return set(Notice.objects.values_list(*SENT))


def choose(person: Person, event: str, *channels: str) -> None:
    NoticeRule.objects.create(person=person, event=event, channels=list(channels or ("email",)))


class TestMail:
    def test_it_arrives_as_text_and_as_html_without_anything_from_elsewhere(
        self, people: People, environment: pytest.MonkeyPatch
    ) -> None:
        two_weeks(failed=1)
        service("API")
        report = make_report()
        with transaction.atomic():
            notices.weekly_report(report)
        with mailbox() as box:
            environment.setenv("EMAIL_URL", box.url)
            while work():
                pass
            assert sorted(message["To"].addresses[0].username for message in box.messages) == [
                *("admin", "lead", "manager"),
            ]
            text, html = box.text(), box.html()
        assert {message["Subject"] for message in box.messages} == {"Weekly maintenance report: Week 14, 2026"}
        for part in ("Success rate", "Uptime by service", "What was not measured", "/reports/2026-W14/", "your role"):
            assert part in text
            assert part in html
        assert "<th align=" in html
        for foreign in ("<img", "<style", "<script", "<link", "style=", "src="):
            assert foreign not in html

    def test_columns_of_the_text_stand_under_each_other(self) -> None:
        section = {"title": "Ends", "head": ["Task", "n"], "rows": [["Long name", "7"], ["B", "12"]], "note": "Note."}
        said = letter.as_text({"text": "Hello.", "sections": [section, {"title": "Rest", "lines": ["one"]}]})
        assert "Ends\n----\nTask        n\nLong name   7\nB          12\nNote.\n\nRest\n----\n- one" in said

    def test_nobody_gets_it_who_may_not_read_it(self, people: People) -> None:
        two_weeks()
        choose(people["viewer"], "weekly")
        role = people["viewer"].role
        assert role is not None
        role.permissions.remove(*role.permissions.filter(codename="view_weeklyreport"))
        Person.objects.filter(pk=people["lead"].pk).update(retired_at=NOW)
        with transaction.atomic():
            notices.weekly_report(make_report())
        assert {name for name, *_ in told()} == {"manager", "admin"}


class TestHealth:
    def keep(self, overall: str, hour: int, day: int = 6) -> HealthReport:
        at = dt.datetime(2026, 4, day, hour, tzinfo=dt.UTC)
        content = {"overall": overall, "database": {"status": overall}, "cache": {"status": "up"}}
        report = HealthReport.objects.create(at=at, overall=overall, content=content, changes=["Database: up → down"])
        with transaction.atomic():
            notices.tell_of_health(report)
        return report

    def test_nobody_is_told_who_did_not_choose_it(self, people: People) -> None:
        self.keep("up", 1)
        self.keep("down", 2)
        assert told() == set()

    def test_a_change_is_told_to_those_who_chose_changes_and_the_first_of_a_day_to_those_who_chose_a_day(
        self, people: People
    ) -> None:
        choose(people["tier1"], "health")
        choose(people["tier2"], "health_daily")
        self.keep("up", 1)
        assert told() == {("tier2", "email", "health-report:2026-04-06")}
        Notice.objects.all().delete()
        self.keep("up", 2)
        assert told() == set()
        down = self.keep("down", 3)
        assert told() == {("tier1", "email", f"health-report:{down.pk}")}
        notice = Notice.objects.get()
        assert notice.subject == "The platform is down now"
        assert notice.payload["facts"] == [["Database", "Down"], ["Cache", "Up"]]
        assert notice.payload["lines"] == ["Database: up → down"]

    def test_whoever_chose_both_gets_one(self, people: People) -> None:
        choose(people["tier1"], "health")
        choose(people["tier1"], "health_daily")
        self.keep("up", 23, day=5)
        Notice.objects.all().delete()
        changed = self.keep("degraded", 1)
        assert told() == {("tier1", "email", f"health-report:{changed.pk}")}

    def test_it_is_told_once_however_often_it_is_posted(self, people: People) -> None:
        choose(people["tier1"], "health", "email", "chat")
        NoticePreferences.objects.create(person=people["tier1"], chat="CHAT_ONE")
        self.keep("up", 1)
        report = self.keep("down", 2)
        with transaction.atomic():
            notices.tell_of_health(report)
        assert sorted(Notice.objects.values_list("transport", flat=True)) == ["chat", "email"]

    @pytest.mark.parametrize(("overall", "waits"), [("degraded", True), ("down", False)])
    def test_in_quiet_hours_only_that_it_is_down_is_told(self, people: People, overall: str, waits: bool) -> None:
        choose(people["tier1"], "health")
        NoticePreferences.objects.create(person=people["tier1"], quiet_from=dt.time(0), quiet_until=dt.time(6))
        self.keep("up", 1)
        self.keep(overall, 2)
        notice = Notice.objects.get()
        until = dt.datetime(2026, 4, 6, 6, tzinfo=dt.UTC)
        assert (notice.next_attempt_at == until) is waits
