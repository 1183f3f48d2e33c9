import datetime as dt
import uuid
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.actions import runs
from maintenance.models import Origin, Run, Target
from tests.maintenance.toys import succeed, toy
from zbmaint.access.models import Person
from zbmaint.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
TASK = toy(succeed)


def ask(target: Target | None, **options: object) -> Run:
    return runs.request(TASK, target, actor=None, origin=Origin.PERSON, **options)  # type: ignore[arg-type]


class TestRequest:
    def test_it_queues_a_run_with_its_message_and_an_audit_entry(
        self, own_target: Target, people: dict[str, Person]
    ) -> None:
        run = runs.request(TASK, own_target, actor=people["tier2"], origin=Origin.PERSON, parameters={"size": "7"})
        assert (run.state, run.parameters, run.timeout_seconds) == ("queued", {"size": 7}, 60)
        assert [step.key for step in run.steps.all()] == ["first", "second"]
        message = OrmQ.objects.get()
        assert (message.key, message.task["args"]) == ("long", (run.pk, str(run.token)))
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.actor, entry.target_id) == ("run_requested", people["tier2"], str(run.pk))

    def test_it_refuses_while_the_same_work_is_under_way_and_names_it(self, own_target: Target) -> None:
        first = ask(own_target)
        with pytest.raises(runs.RunRefused, match=f"Run {first.pk} of this task on .* is queued already") as refusal:
            ask(own_target)
        assert refusal.value.run == first

    def test_it_refuses_a_missing_a_retired_or_an_unfit_target(self, own_target: Target) -> None:
        with pytest.raises(runs.RunRefused, match="needs a target"):
            ask(None)
        own_target.retired_at = timezone.now()
        with pytest.raises(runs.RunRefused, match="retired"):
            ask(own_target)
        with pytest.raises(runs.RunRefused, match="does not work on"):
            runs.request(toy(succeed, needs=""), own_target, actor=None, origin=Origin.PERSON)

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"size": 11}, "from 1 to 10"),
            ({"size": "many"}, "whole number"),
            ({"colour": 1}, "no parameter 'colour'. It has: size"),
        ],
    )
    def test_it_refuses_a_wrong_parameter_by_name(
        self, own_target: Target, given: dict[str, object], says: str
    ) -> None:
        with pytest.raises(runs.RunRefused, match=says):
            ask(own_target, parameters=given)
        assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_the_button_at_once_get_one_run(installed: None) -> None:
    target, barrier, refused = Target.objects.get(), Barrier(2), []

    def press() -> None:
        try:
            barrier.wait()
            ask(target)
        except runs.RunRefused:
            refused.append(1)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Run.objects.count(), len(refused)) == (1, 1)


class TestClaim:
    def test_only_the_first_message_with_the_right_token_gets_the_run(self, own_target: Target) -> None:
        run = ask(own_target)
        assert runs.claim(run.pk, str(uuid.uuid4()), "w") is None
        assert runs.claim(run.pk, str(run.token), "w") is not None
        assert runs.claim(run.pk, str(run.token), "w") is None


class TestCancel:
    def test_a_queued_run_is_cancelled_at_once(self, own_target: Target, people: dict[str, Person]) -> None:
        run = runs.request_cancel(ask(own_target), people["tier2"])
        assert (run.state, run.cancel_requested_by) == ("cancelled", people["tier2"])
        assert {step.state for step in run.steps.all()} == {"skipped"}
        assert runs.claim(run.pk, str(run.token), "w") is None

    def test_a_running_run_is_asked_to_stop(self, own_target: Target) -> None:
        run = ask(own_target)
        runs.claim(run.pk, str(run.token), "w")
        assert runs.request_cancel(run, None).state == "running"
        assert runs.beat(run.pk, run.token, 3) == "cancel"

    def test_an_ended_run_says_so(self, own_target: Target) -> None:
        run = runs.request_cancel(ask(own_target), None)
        with pytest.raises(runs.RunRefused, match="has ended already"):
            runs.request_cancel(run, None)


class TestFencing:
    def test_a_worker_whose_run_was_given_up_can_write_nothing(self, own_target: Target) -> None:
        run = ask(own_target)
        runs.claim(run.pk, str(run.token), "w")
        later = timezone.now() + dt.timedelta(minutes=1)
        assert runs.mark_lost(run.pk, run.token, later, "Lost.")
        assert runs.beat(run.pk, run.token, 50) == "gone"
        assert not runs.finish(run.pk, run.token, "succeeded", verdict="All fine.")
        run.refresh_from_db()
        assert (run.state, run.verdict) == ("lost", "Lost.")

    def test_a_run_that_beat_again_is_not_given_up(self, own_target: Target) -> None:
        run = ask(own_target)
        runs.claim(run.pk, str(run.token), "w")
        assert not runs.mark_lost(run.pk, run.token, timezone.now() - dt.timedelta(seconds=1), "Lost.")

    def test_a_final_state_stays(self, own_target: Target) -> None:
        run = ask(own_target)
        runs.claim(run.pk, str(run.token), "w")
        assert runs.finish(run.pk, run.token, "warning", verdict="Hm.")
        assert not runs.finish(run.pk, run.token, "succeeded", verdict="Fine.")
        run.refresh_from_db()
        assert (run.state, run.progress) == ("warning", 100)
