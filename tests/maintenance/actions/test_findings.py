"""What people do with findings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from maintenance.actions import findings
from maintenance.models import Finding
from tests.maintenance.made import add_finding, make_run
from tests.overlapping import after
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
People = dict[str, Person]


def days(number: int) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=number)


@pytest.fixture
def finding() -> Finding:
    return add_finding(make_run(), state="ongoing")


class TestAccept:
    def test_it_is_written_with_its_person_and_recorded(self, finding: Finding, people: People) -> None:
        findings.accept(finding, actor=people["tier3"], until=days(30), reason="  The table goes  ")
        finding.refresh_from_db()
        assert (finding.state, finding.accepted_until, finding.accepted_by, finding.accepted_reason) == (
            "accepted",
            days(30),
            people["tier3"],
            "The table goes",
        )
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor, entry.target_id) == ("finding_accepted", people["tier3"], str(finding.pk))
        assert entry.before == {"state": "ongoing"}
        assert entry.after == {"state": "accepted", "until": str(days(30)), "reason": "The table goes"}

    @pytest.mark.parametrize(
        ("number", "reason", "says"),
        [
            (30, "  ", ("reason", "Say why it may stay")),
            (0, "x", ("until", "must be after today")),
            (-400, "x", ("until", "must be after today")),
            (366, "x", ("until", "At most a year")),
        ],
    )
    def test_out_of_bounds_it_is_refused_and_nothing_is_written(
        self, finding: Finding, people: People, number: int, reason: str, says: tuple[str, str]
    ) -> None:
        with pytest.raises(findings.FindingRefused, match=says[1]) as refused:
            findings.accept(finding, actor=people["tier3"], until=days(number), reason=reason)
        assert refused.value.field == says[0]
        finding.refresh_from_db()
        assert finding.state == "ongoing"

    @pytest.mark.parametrize("number", [1, 365])
    def test_the_bounds_are_allowed(self, finding: Finding, people: People, number: int) -> None:
        assert findings.accept(finding, actor=people["tier3"], until=days(number), reason="x").state == "accepted"

    def test_of_two_people_the_second_is_told_of_the_first(self, finding: Finding, people: People) -> None:
        findings.accept(finding, actor=people["tier3"], until=days(30), reason="x")
        with pytest.raises(findings.FindingRefused, match=r"tier3 has accepted it until .* already\. Reopen it first"):
            findings.accept(finding, actor=people["lead"], until=days(60), reason="y")
        finding.refresh_from_db()
        assert finding.accepted_until == days(30)

    def test_past_its_last_day_it_may_be_accepted_again(self, finding: Finding, people: People) -> None:
        Finding.objects.update(state="accepted", accepted_until=days(-1))
        findings.accept(finding, actor=people["lead"], until=days(7), reason="Still")
        finding.refresh_from_db()
        assert finding.accepted_until == days(7)

    def test_a_resolved_one_is_refused(self, finding: Finding, people: People) -> None:
        Finding.objects.update(state="resolved", resolved_at=timezone.now())
        with pytest.raises(findings.FindingRefused, match="nothing left to accept"):
            findings.accept(finding, actor=people["lead"], until=days(7), reason="x")

    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_the_same_moment_too(self, installed: None, finding: Finding, people: People) -> None:
        def accept(role: str) -> Finding:
            return findings.accept(finding, actor=people[role], until=days(30), reason="x")

        (got,) = after(lambda: accept("tier3"), lambda: accept("lead"))
        assert isinstance(got, findings.FindingRefused), got
        assert str(got).startswith("tier3 has accepted it until ")


class TestReopen:
    def test_it_is_ongoing_again_and_what_was_said_is_in_the_audit_log(self, finding: Finding, people: People) -> None:
        findings.accept(finding, actor=people["tier3"], until=days(30), reason="The table goes")
        findings.reopen(finding, actor=people["lead"])
        finding.refresh_from_db()
        assert (finding.state, finding.accepted_until, finding.accepted_by, finding.accepted_reason) == (
            "ongoing",
            None,
            None,
            "",
        )
        entry = AuditEntry.objects.get(verb="finding_reopened")
        assert entry.actor == people["lead"]
        assert entry.before == {
            "state": "accepted",
            "until": str(days(30)),
            "by": "tier3",
            "reason": "The table goes",
        }

    def test_one_that_is_not_accepted_is_refused(self, finding: Finding, people: People) -> None:
        with pytest.raises(findings.FindingRefused, match="It is ongoing, not accepted"):
            findings.reopen(finding, actor=people["lead"])
