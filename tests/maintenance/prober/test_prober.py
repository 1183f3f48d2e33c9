"""The loop of the prober, in this process, at real servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections
from django.utils import timezone

from incidents.models import Ticket
from maintenance import checkup
from maintenance.actions import outages
from maintenance.models import AppMetric, Outage, Probe, Reading, Target
from maintenance.prober import looks as looking
from maintenance.prober import prober as loop
from maintenance.prober.doubt import Doubt
from maintenance.prober.looks import Looks, Seen
from maintenance.prober.prober import Prober
from maintenance.probes.catalog import KINDS
from maintenance.probes.kind import Kind, Look, Order, down
from maintenance.rules.probe_states import DEGRADED, DOWN, NO_NETWORK, UNKNOWN, UP
from tests.maintenance.connectors.impostors import impostor, silent
from tests.maintenance.probing import make_probe, no_others, read, slot
from tests.maintenance.spring import actuator
from tests.receivers import Answer, drip, receiver, status
from tests.receivers import silent as silent_server
from tests.services import free_port
from tests.waiting import until
from zbmaint.queue.models import Process
from zbmaint.queue.presence import alive

pytestmark = pytest.mark.django_db
WithKind = Callable[[Callable[[Order], Look]], None]


@pytest.fixture(autouse=True)
def _alone(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    no_others()
    monkeypatch.setattr(loop, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(loop, "STORE_SECONDS", 0.05)
    settings.HTTP_ALLOWED_PRIVATE = ["127.0.0.1"]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> WithKind:
    """`toy(look)`: probes of the kind `toy` see what `look` says."""

    def register(look: Callable[[Order], Look]) -> None:
        kind = Kind("toy", "Toy", (), dict, look, lambda _: "")
        monkeypatch.setitem(KINDS, "toy", kind)

    return register


@pytest.fixture
def stop() -> Event:
    return Event()


@pytest.fixture
def prober(stop: Event) -> Iterator[Prober]:
    made = Prober(stop, 4)
    yield made
    stop.set()
    made.run()


def has_readings(number: int) -> bool:
    return Reading.objects.count() == number


def turn_until(prober: Prober, look: Callable[[], Any], what: str) -> None:
    def turned() -> Any:
        prober.turn()
        return look()

    until(turned, 20, what)


def test_a_probe_is_read_and_an_outage_comes_and_goes(prober: Prober) -> None:
    with receiver(status(200), status(500), status(500), status(200)) as server:
        probe = make_probe(url=server.url())

        def readings(number: int) -> None:
            turn_until(prober, lambda: Reading.objects.filter(probe=probe).count() == number, f"reading {number}")
            Probe.objects.filter(pk=probe.pk).update(next_at=timezone.now())

        readings(1)
        readings(2)
        assert not Outage.objects.exists()
        readings(3)
        turn_until(prober, Outage.objects.going_on().exists, "the outage")
        assert Ticket.objects.get().title == "Web is down"
        readings(4)
        turn_until(prober, lambda: not Outage.objects.going_on().exists(), "its end")
        assert Ticket.objects.get().status == "resolved"
    assert list(Reading.objects.values_list("state", flat=True)) == ["up", "down", "down", "up"]


def test_it_says_that_it_lives_and_leaves_well(stop: Event) -> None:
    prober = Prober(stop, 1)
    prober.turn()
    assert alive("prober").count() == 1
    stop.set()
    prober.run()
    assert alive("prober").count() == 0


def test_one_that_is_told_to_stop_stores_what_it_has_seen(stop: Event, toy: WithKind) -> None:
    let_go = Event()

    def wait(_: Order) -> Look:
        let_go.wait(10)
        return Look(UP)

    toy(wait)
    make_probe(kind="toy")
    prober = Prober(stop, 1)
    prober.turn()
    stop.set()
    let_go.set()
    prober.run()
    assert Reading.objects.get().state == UP


def test_slow_is_degraded_in_words(prober: Prober, toy: WithKind) -> None:
    toy(lambda _: Look(DOWN if Event().wait(0.05) else UP))
    make_probe(kind="toy", slow_ms=10)
    turn_until(prober, Reading.objects.exists, "a reading")
    reading = Reading.objects.get()
    assert reading.state == DEGRADED
    assert reading.reason.startswith("It answered after 0.1s; slow is more than 0.1s")


def test_a_mistake_of_ours_is_no_outage_of_theirs(prober: Prober, toy: WithKind) -> None:
    def fail(_: Order) -> Look:
        raise KeyError

    toy(fail)
    make_probe(kind="toy")
    turn_until(prober, Reading.objects.exists, "a reading")
    assert list(Reading.objects.values_list("state", "reason")) == [(UNKNOWN, "The look itself failed (KeyError).")]


def test_the_threads_open_no_connection_of_djangos(toy: WithKind, prober: Prober) -> None:
    opened: list[int] = []

    def look(order: Order) -> Look:
        seen = KINDS["queue_lag"].look(order)
        opened.append(len(connections.all(initialized_only=True)))
        return seen

    toy(look)
    make_probe(kind="toy", parameters={"queue": "short", "degraded_seconds": 60, "down_seconds": 300})
    turn_until(prober, Reading.objects.exists, "a reading")
    assert opened == [0]


class TestNumbers:
    """Of an application that is well at once, whatever becomes of its numbers."""

    LINES = b'other_seconds_bucket{le="0.1",uri="/a"} 1\n' * 120_000

    @pytest.mark.parametrize(
        ("numbers", "kept"),
        [
            (silent_server, 0),
            (drip(b"HTTP/1.1 200 OK\r\n\r\njvm_threads_live_threads 1\n"), 1),
            (status(200, b"jvm_threads_live_threads 1\n" + LINES), 1),
        ],
    )
    def test_they_make_it_neither_down_nor_slow_nor_late(
        self, prober: Prober, monkeypatch: pytest.MonkeyPatch, numbers: Answer, kept: int
    ) -> None:
        with receiver(actuator(numbers=numbers)) as server:
            monkeypatch.setenv("APP_URL", server.url(""))
            target = Target.objects.create(name="api", kind="application", reference="env:APP_URL")
            given: dict[str, Any] = {"target": target, "interval_seconds": 5, "timeout_seconds": 3, "slow_ms": 1000}
            probe = make_probe(kind="application", parameters={}, **given)
            # The numbers of one look are still under way when the next ones are due.
            for number in range(1, 5):
                turn_until(prober, partial(has_readings, number), "a reading")
                Probe.objects.filter(pk=probe.pk).update(next_at=timezone.now())
            if kept:
                turn_until(prober, AppMetric.objects.exists, "the numbers")
            asked = [request.path for request in server.received]
        assert set(Reading.objects.values_list("state", "reason")) == {(UP, "")}
        assert max(Reading.objects.values_list("milliseconds", flat=True)) < 1000
        sources = set(AppMetric.objects.values_list("source", "name"))
        assert sources == ({("api", "threads_live")} if kept else set())
        assert asked.count("/actuator/prometheus") >= 1

    def test_while_they_are_asked_for_they_are_not_asked_for_again(self, toy: WithKind) -> None:
        let_go, asked = Event(), []

        def numbers(seconds: float) -> dict[str, float]:
            asked.append(seconds)
            let_go.wait(20)
            return {"threads_live": 1.0}

        toy(lambda _: Look(UP, numbers=numbers))
        looks = Looks(2)
        for _ in range(3):
            looks.begin(slot("toy", timeout=4))
            seen = until(lambda: looks.gather(0.1), 10, "a look")
            assert [each.look.state for each in seen] == [UP]
        assert (asked, looks.told()) == ([2.0], [])
        let_go.set()
        assert [each.figures for each in until(looks.told, 10, "the numbers")] == [{"threads_live": 1.0}]

    def test_a_mistake_in_them_is_none_of_the_look(self, toy: WithKind) -> None:
        def numbers(_: float) -> dict[str, float]:
            raise KeyError

        toy(lambda _: Look(UP, numbers=numbers))
        looks = Looks(2)
        for _ in range(2):
            looks.begin(slot("toy"))
            assert [each.look.state for each in until(lambda: looks.gather(0.1), 10, "a look")] == [UP]
        assert looks.told() == []

    def test_a_look_that_has_used_up_its_time_leaves_none_for_them(self, toy: WithKind) -> None:
        asked: list[float] = []

        def numbers(seconds: float) -> dict[str, float]:
            asked.append(seconds)
            return {}

        def look(_: Order) -> Look:
            Event().wait(0.6)
            return Look(UP, numbers=numbers)

        toy(look)
        looks = Looks(1)
        looks.begin(slot("toy", timeout=1))
        thread = looks._under_way[1].thread
        until(lambda: looks.gather(0.1), 10, "the look")
        thread.join(10)
        assert asked == []


class TestLooks:
    def test_one_that_hangs_is_given_up_and_has_no_second_thread(self, toy: WithKind, monkeypatch: Any) -> None:
        monkeypatch.setattr(looking, "GRACE_SECONDS", 0.0)
        let_go, entered = Event(), []

        def hang(_: Order) -> Look:
            entered.append(1)
            let_go.wait(20)
            return Look(UP)

        toy(hang)
        looks = Looks(2)
        looks.begin(slot("toy", timeout=0.2))
        seen = until(lambda: looks.gather(0.1), 10, "it to be given up")
        assert [each.look for each in seen] == [down("No answer within 0.2 s.", answered=False)]
        looks.begin(slot("toy", timeout=0.2))
        seen = until(lambda: looks.gather(0.1), 10, "the next")
        assert [each.look.reason for each in seen] == ["The look before this one has not come back."]
        assert (len(entered), len(looks)) == (1, 0)
        let_go.set()

        def again() -> list[Seen]:
            looks.begin(slot("toy", timeout=5))
            return [each for each in until(lambda: looks.gather(0.1), 10, "a look") if each.look.state == UP]

        until(again, 10, "a look that works again")

    def test_a_slot_that_comes_while_its_probe_is_looked_at_begins_no_second_look(self, toy: WithKind) -> None:
        let_go, entered = Event(), []

        def wait(_: Order) -> Look:
            entered.append(1)
            let_go.wait(20)
            return Look(UP)

        toy(wait)
        looks, first = Looks(2), slot("toy")
        looks.begin(first)
        looks.begin(slot("toy"))
        let_go.set()
        seen = until(lambda: looks.gather(0.1), 10, "a look")
        assert ([each.slot for each in seen], len(entered), len(looks)) == ([first], 1, 0)

    def test_those_that_hang_do_not_keep_others_from_beginning(self, toy: WithKind, monkeypatch: Any) -> None:
        monkeypatch.setattr(looking, "YOUNG_SECONDS", 0.2)
        let_go = Event()
        toy(lambda _: Look(UP if let_go.wait(20) else DOWN))
        looks = Looks(2)
        for number in (1, 2):
            looks.begin(slot("toy", probe=number, timeout=10))
        assert looks.room == 0
        until(lambda: looks.room == 2, 10, "room, as what hangs is not young any more")
        for number in range(3, 11):
            until(lambda: looks.room, 10, "room")
            looks.begin(slot("toy", probe=number, timeout=10))
        assert (len(looks), looks.room) == (10, 0), "five times as many, and no more"
        let_go.set()


class TestDatabaseAway:
    def test_readings_are_kept_and_nothing_is_down_for_it(
        self, prober: Prober, toy: WithKind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        toy(lambda _: Look(UP))
        make_probe(kind="toy")
        asked = []

        def refuse(*_: object) -> None:
            asked.append(1)
            raise OperationalError("away")

        # Closing would end the test's own transaction.
        monkeypatch.setattr(connection, "close", lambda: None)
        with monkeypatch.context() as patch:
            patch.setattr(loop, "store", refuse)
            turn_until(prober, lambda: len(asked) >= 2, "two tries")
            assert not Reading.objects.exists()
        turn_until(prober, Reading.objects.exists, "the reading that was kept")
        assert (Reading.objects.get().state, prober.dropped) == (UP, 0)

    def test_more_than_a_few_thousand_are_lost_and_counted(
        self, prober: Prober, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loop, "MOST_KEPT", 3)
        probe = make_probe(paused_at=timezone.now())
        prober._keep([read(probe, seconds) for seconds in range(5)])
        assert prober.dropped == 2
        prober.turn()
        assert [reading.at.second for reading in Reading.objects.all()] == [2, 3, 4]
        assert alive("prober").get().note == "2 readings lost"

    def test_what_the_database_refuses_is_not_tried_for_ever(
        self, prober: Prober, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise ProgrammingError("no such column")

        monkeypatch.setattr(connection, "close", lambda: None)
        prober._keep([read(make_probe(paused_at=timezone.now()), 0)])
        with monkeypatch.context() as patch:
            patch.setattr(loop, "store", refuse)
            prober.turn()
        assert (prober.dropped, prober._kept) == (1, [])


class TestTelling:
    def test_an_outage_that_cannot_be_told_keeps_no_other_from_it(
        self, prober: Prober, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settle = outages.settle
        bad = make_probe("Bad")

        def fail(probe_id: int) -> object:
            if probe_id == bad.pk:
                raise RuntimeError("a mistake")
            return settle(probe_id)

        monkeypatch.setattr(outages, "settle", fail)
        prober._keep([read(probe, at, DOWN) for probe in (bad, make_probe("Good")) for at in (0, 30)])
        turn_until(prober, Outage.objects.exists, "the other outage")
        assert Outage.objects.get().probe.name == "Good"


class TestDoubt:
    def test_without_an_anchor_that_answers_a_failure_says_nothing(self, stop: Event) -> None:
        # Nobody can be connected with by that address.
        prober = Prober(stop, 4, ["255.255.255.255:9"])
        prober._doubt.start()
        make_probe(url=f"http://127.0.0.1:{free_port()}/")
        turn_until(prober, Reading.objects.exists, "a reading")
        stop.set()
        prober.run()
        reading = Reading.objects.get()
        assert reading.state == UNKNOWN
        assert reading.reason.startswith("The prober itself has no network. 127.0.0.1:")

    def test_one_that_is_without_a_network_for_a_minute_says_so(self, stop: Event) -> None:
        prober = Prober(stop, 4, ["127.0.0.1:1"])
        make_probe(next_at=timezone.now() + timedelta(hours=1))
        for since, checked, says in ((None, 500.0, ""), (441.0, 500.0, ""), (440.0, 500.0, NO_NETWORK)):
            prober._doubt._unreached_since, prober._doubt._checked_at = since, checked
            prober._beat()
            assert alive("prober").get().note == says
        assert checkup.check_prober() == checkup.Part(
            "prober", False, "without a network: none of PROBER_ANCHORS answers, so that no outage can be told"
        )
        now = timezone.now()
        Process.objects.create(kind="prober", name="prober", host="other", pid=1, started_at=now, seen_at=now)
        assert checkup.check_prober() == checkup.Part("prober", True, "2 alive, 1 without a network")

    def test_since_when_no_anchor_answers_is_kept_until_one_does(self, stop: Event) -> None:
        doubt = Doubt(["255.255.255.255:9"])
        doubt.start()
        until(lambda: doubt._unreached_since is not None, 10, "the first look")
        first = doubt._unreached_since
        ended = time.monotonic()
        until(lambda: doubt.cut_off(ended) is not None, 10, "the second look")
        assert doubt._unreached_since == first
        with impostor(silent) as port:
            doubt._anchors = [("127.0.0.1", port)]
            doubt._asked.set()
            until(lambda: doubt._unreached_since is None, 10, "the anchor")
        doubt.stop()

    @pytest.mark.parametrize("kind", ["tls", "postgres", "redis"])
    def test_it_is_so_for_every_kind_that_is_behind_a_network(self, stop: Event, kind: str) -> None:
        prober = Prober(stop, 4, ["127.0.0.1:1"])
        prober._doubt._checked_at, prober._doubt._reached = 2.0, False
        for look, state in ((down("Refused.", answered=False), UNKNOWN), (down("It has expired."), DOWN)):
            read = prober._judged(Seen(slot(kind), look, 0.0, 1.0))
            assert read is not None
            assert read.state == state

    def test_with_one_that_answers_or_refuses_it_is_down(self, stop: Event) -> None:
        with impostor(silent) as port:
            for anchor in (f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}"):
                doubt = Doubt([anchor])
                doubt.start()
                ended = time.monotonic()
                until(lambda d=doubt, e=ended: d.cut_off(e) is not None, 10, "the anchor")  # type: ignore[misc]
                assert doubt.cut_off(ended) is False
                doubt.stop()

    def test_an_answer_is_never_doubted(self, stop: Event) -> None:
        prober = Prober(stop, 4, ["127.0.0.1:1"])
        seen = Seen(slot(), down("It answers 500."), 0.0, 1.0)
        read = prober._judged(seen)
        assert read is not None
        assert read.state == DOWN

    def test_a_process_that_stood_still_does_not_blame_others(self, stop: Event) -> None:
        prober = Prober(stop, 4)
        prober._doubt._stalls = [(10.0, 15.0)]
        late = down("No answer within 5 s.", answered=False)
        judged = [prober._judged(Seen(slot(), late, began, began + 5)) for began in (4.0, 6.0, 14.0, 16.0)]
        assert [read and read.state for read in judged] == [DOWN, UNKNOWN, UNKNOWN, DOWN]

    @pytest.mark.parametrize("anchor", ["router", "router:", ":53", "router:dns", "router:70000", ""])
    def test_an_anchor_that_is_none_is_refused(self, anchor: str) -> None:
        with pytest.raises(ValueError, match="is no host:port"):
            Doubt([anchor])


def test_it_ends_within_seconds_while_a_look_hangs(stop: Event, toy: WithKind) -> None:
    let_go = Event()
    toy(lambda _: Look(UP if let_go.wait(30) else DOWN))
    make_probe(kind="toy")
    prober = Prober(stop, 1)
    prober.turn()
    Thread(target=stop.set).start()
    began = time.monotonic()
    prober.run()
    assert time.monotonic() - began < 10
    let_go.set()
