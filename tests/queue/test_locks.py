import pytest
from django.db import connection

from tests.waiting import until
from zbmaint.queue.locks import Locks, lock_key

pytestmark = pytest.mark.django_db


def test_a_lock_excludes_other_sessions_until_its_holder_closes() -> None:
    with Locks("first") as first, Locks("second") as second:
        assert first.acquire(["db:a", "backup"]) is None
        assert second.acquire(["db:a"]) == "db:a"
        first.close()
        until(lambda: second.acquire(["db:a"]) is None, 5, "the lock to be free")


def test_it_takes_all_or_nothing() -> None:
    with Locks("first") as first, Locks("second") as second, Locks("third") as third:
        assert first.acquire(["c"]) is None
        assert second.acquire(["a", "b", "c"]) == "c"
        assert third.acquire(["a", "b"]) is None


def test_no_names_lock_nothing() -> None:
    with Locks("first") as first:
        assert first.acquire([]) is None


def test_the_server_frees_the_locks_of_a_session_that_dies() -> None:
    with Locks("victim") as victim, Locks("heir") as heir:
        assert victim.acquire(["db:a"]) is None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
                ["zbmaint:lock:victim"],
            )
        assert not victim.alive()
        assert heir.acquire(["db:a"]) is None


def test_keys_are_stable_and_differ_by_name() -> None:
    assert lock_key("a") == lock_key("a") != lock_key("b")
    assert -(2**63) <= lock_key("a") < 2**63
