import datetime as dt
from threading import Event

import pytest

from zbmaint import beat
from zbmaint.queue.locks import Locks
from zbmaint.queue.presence import Presence, alive
from zbmaint.queue.ticker import Ticker

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(beat, "_registry", {})
    beat.register("a.fails", dt.timedelta(seconds=10), lambda _now: 1 / 0)
    beat.register("b.works", dt.timedelta(seconds=10), lambda _now: seen.append("b"))
    return seen


def test_it_calls_what_is_due_once_a_period(calls: list[str]) -> None:
    clock = Clock()
    ticker = Ticker(Event(), 1.0, clock)
    ticker.tick()
    ticker.tick()
    assert calls == ["b"]
    clock.now += 10
    ticker.tick()
    assert calls == ["b", "b"]


def test_work_that_fails_does_not_stop_the_rest(calls: list[str]) -> None:
    Ticker(Event(), 1.0, Clock()).tick()
    assert calls == ["b"]


def test_a_second_ticker_leaves_alone_what_the_first_is_doing(calls: list[str]) -> None:
    with Locks("other ticker") as other:
        assert other.acquire(["beat:b.works"]) is None
        Ticker(Event(), 1.0, Clock()).tick()
    assert calls == []


def test_it_shows_that_it_lives_and_leaves_when_told_to_stop(calls: list[str]) -> None:
    stop = Event()

    def look(_now: dt.datetime) -> None:
        calls.append(f"{alive('ticker').count()} alive")
        stop.set()

    beat.register("c.stops", dt.timedelta(seconds=1), look)
    Ticker(stop, 0.01).run()
    assert calls[-1] == "1 alive"
    assert not alive("ticker").exists()


def test_a_silent_process_is_not_alive() -> None:
    presence = Presence("worker", "long")
    presence.beat("busy")
    assert [row.note for row in alive("worker", "long")] == ["busy"]
    alive("worker").update(seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=16))
    assert not alive("worker").exists()
