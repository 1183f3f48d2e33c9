"""Sessions on a target: opened with limits, refused with the reason, ended when their run was lost."""

from __future__ import annotations

import socket
import subprocess
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from maintenance.connectors import postgres as connector
from maintenance.connectors.postgres import end_sessions, open_session
from maintenance.connectors.problems import ConnectionProblem
from tests.maintenance.connectors.impostors import impostor, refusing, silent, talking_nonsense, with_certificate
from tests.maintenance.shops import PASSWORD, Shop
from tests.services import free_port
from tests.waiting import until

Reference = Callable[[str], str]


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Reference:
    """`reference(url)`: a reference that leads to it."""

    def refer(url: str) -> str:
        monkeypatch.setenv("SHOP_URL", url)
        return "env:SHOP_URL"

    return refer


def refusal(reference: str) -> ConnectionProblem:
    """What is said when no session can be opened: in time, without the password, not even behind the scenes."""
    began = time.monotonic()
    with pytest.raises(ConnectionProblem) as caught:
        open_session(reference, application_name="zbmaint:test")
    assert time.monotonic() - began < 15
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def test_a_session_has_a_name_and_limits(shop: Shop, reference: Reference) -> None:
    with open_session(reference(shop.url()), application_name="zbmaint:run-1:vacuum 1") as session:
        assert session.autocommit
        settings = {
            name: session.execute(f"SHOW {name}").fetchone()[name]  # type: ignore[index]  # SHOW returns a row
            for name in (
                "application_name",
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "client_connection_check_interval",
                "default_transaction_read_only",
            )
        }
        assert session.execute("SELECT current_setting('TimeZone') AS zone").fetchone() == {"zone": "UTC"}
    assert settings == {
        "application_name": "zbmaint:run-1:vacuum 1",
        "statement_timeout": "10min",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "1min",
        "client_connection_check_interval": "1s",
        "default_transaction_read_only": "off",
    }


def test_a_read_only_session_cannot_write(shop: Shop, reference: Reference) -> None:
    with open_session(reference(shop.url()), application_name="zbmaint:test", read_only=True) as session:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            session.execute("CREATE TABLE posts (id int)")
        assert session.execute("SHOW statement_timeout").fetchone() == {"statement_timeout": "10s"}


def test_options_of_the_url_are_kept_beside_ours(shop: Shop, reference: Reference) -> None:
    url = f"{shop.url()}?options=-c%20work_mem%3D7MB&connect_timeout=600"
    with open_session(reference(url), application_name="zbmaint:test") as session:
        assert session.execute("SHOW work_mem").fetchone() == {"work_mem": "7MB"}
        assert session.execute("SHOW lock_timeout").fetchone() == {"lock_timeout": "2s"}


def test_the_statement_of_a_dead_client_ends_by_itself(shop: Shop, reference: Reference) -> None:
    session = open_session(reference(shop.url()), application_name="zbmaint:test")
    pid = session.info.backend_pid
    session.pgconn.send_query(b"SELECT pg_sleep(60)")
    socket.socket(fileno=session.pgconn.socket).shutdown(socket.SHUT_RDWR)
    until(lambda: not shop.one("SELECT 1 FROM pg_stat_activity WHERE pid = %s", pid), 5, "the end of the statement")


def test_a_wrong_password_is_named(shop: Shop, reference: Reference) -> None:
    problem = refusal(reference(shop.guest(f"{PASSWORD}!")))
    assert problem.part == "login"
    assert str(problem) == (
        f'User or password: 127.0.0.1:{shop.server.port} refuses user "guest_{shop.name}". '
        "Check the URL in env:SHOP_URL."
    )


def test_a_wrong_user_is_named(shop: Shop, reference: Reference) -> None:
    problem = refusal(reference(f"postgresql://nobody:geheim@127.0.0.1:{shop.server.port}/{shop.name}"))
    assert problem.part == "login"
    assert '"nobody"' in str(problem)


def test_a_missing_password_is_named(shop: Shop, reference: Reference) -> None:
    problem = refusal(reference(f"postgresql://guest@127.0.0.1:{shop.server.port}/{shop.name}"))
    assert str(problem).startswith("No password: ")


def test_a_wrong_database_is_named(shop: Shop, reference: Reference) -> None:
    problem = refusal(reference(shop.guest(database="nowhere")))
    assert problem.part == "database"
    assert str(problem).startswith('Database: there is no database "nowhere" on 127.0.0.1:')


def test_a_database_that_the_user_may_not_connect_to_is_named_with_the_grant(shop: Shop, reference: Reference) -> None:
    shop.execute(f"REVOKE CONNECT ON DATABASE {shop.name} FROM PUBLIC")
    role = shop.role("stranger")
    problem = refusal(reference(shop.url(role)))
    assert problem.part == "database"
    shop.execute(str(problem).partition("As its owner: ")[2])
    open_session("env:SHOP_URL", application_name="zbmaint:test").close()
    shop.execute(f"GRANT CONNECT ON DATABASE {shop.name} TO PUBLIC")


def test_a_port_where_nobody_listens_is_the_host(reference: Reference) -> None:
    problem = refusal(reference(f"postgresql://guest:x@127.0.0.1:{free_port()}/shop"))
    assert problem.part == "host"
    assert "cannot be reached (Connection refused)" in str(problem)


def test_a_name_that_does_not_resolve_is_the_host(reference: Reference) -> None:
    problem = refusal(reference("postgresql://guest:x@nowhere.invalid/shop?sslmode=disable"))
    assert problem.part == "host"
    assert 'the name "nowhere.invalid" does not resolve' in str(problem)


def test_a_socket_that_is_not_there_is_the_host(reference: Reference, tmp_path: Path) -> None:
    folder = str(tmp_path).replace("/", "%2F")
    problem = refusal(reference(f"postgresql://guest@{folder}/shop"))
    assert problem.part == "host"
    assert "No such file or directory" in str(problem)


def test_a_host_that_never_answers_is_given_up_in_time(reference: Reference) -> None:
    with impostor(silent) as port:
        problem = refusal(reference(f"postgresql://guest:x@127.0.0.1:{port}/shop"))
    assert problem.part == "host"


def test_a_host_with_many_addresses_is_given_up_in_time(reference: Reference) -> None:
    with impostor(silent) as one, impostor(silent) as two, impostor(silent) as three:
        hosts = f"127.0.0.1:{one},127.0.0.1:{two},127.0.0.1:{three}"
        assert refusal(reference(f"postgresql://guest:x@{hosts}/shop")).part == "host"


def test_another_service_on_the_port_is_the_host(reference: Reference) -> None:
    with impostor(talking_nonsense) as port:
        problem = refusal(reference(f"postgresql://guest:x@127.0.0.1:{port}/shop"))
    assert problem.part == "host"
    assert "not as PostgreSQL" in str(problem)


@pytest.mark.parametrize(
    ("sqlstate", "part", "says"),
    [
        ("28P01", "login", "User or password"),
        ("28000", "login", "pg_hba.conf"),
        ("3D000", "database", "there is no database"),
        ("53300", "server", "no connection left"),
        ("57P03", "server", "starting, stopping or recovering"),
        ("08P01", "server", "connection pooler"),
        ("XX999", "server", "(XX999)"),
    ],
)
def test_the_reason_is_read_from_the_code_whatever_the_servers_language(
    reference: Reference, sqlstate: str, part: str, says: str
) -> None:
    with impostor(refusing(sqlstate, "dat gaat niet")) as port:
        problem = refusal(reference(f"postgresql://guest:geheim@127.0.0.1:{port}/shop"))
    assert problem.part == part
    assert says in str(problem)


def test_a_server_that_repeats_the_password_is_not_quoted(reference: Reference) -> None:
    with impostor(refusing("XX999", "who is geheim?")) as port:
        problem = refusal(reference(f"postgresql://guest:geheim@127.0.0.1:{port}/shop"))
    assert "geheim" not in str(problem)


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(shop: Shop, reference: Reference) -> None:
    problem = refusal(reference(f"{shop.guest()}?sslmode=require"))
    assert problem.part == "tls"
    assert "sslmode=require" in str(problem)


def test_a_certificate_that_nobody_signed_is_refused(reference: Reference, tmp_path: Path) -> None:
    key, certificate, both = tmp_path / "key.pem", tmp_path / "certificate.pem", tmp_path / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=elsewhere.example.org", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    with impostor(with_certificate(both)) as port:
        url = f"postgresql://guest:geheim@127.0.0.1:{port}/shop?sslmode=verify-full"
        assert refusal(reference(url)).part == "tls", "no authority is known"
        problem = refusal(reference(f"{url}&sslrootcert={certificate}"))
    assert problem.part == "tls", "the authority is known, the name is another"
    assert "does not match" in str(problem)


def test_sessions_that_a_lost_run_left_behind_are_ended(shop: Shop, reference: Reference) -> None:
    refer = reference(shop.url())
    names = ["zbmaint:run-7:vacuum 1", "zbmaint:run-7:watch", "zbmaint:run-77:vacuum 1", "psql"]
    sessions = {name: open_session(refer, application_name=name) for name in names}
    sessions["zbmaint:run-7:vacuum 1"].pgconn.send_query(b"SELECT pg_sleep(60)")
    pids = {name: session.info.backend_pid for name, session in sessions.items()}
    ended = end_sessions(refer, "zbmaint:run-7:")
    assert sorted(ended) == sorted([pids["zbmaint:run-7:vacuum 1"], pids["zbmaint:run-7:watch"]])
    left = shop.one("SELECT array_agg(pid ORDER BY pid) FROM pg_stat_activity WHERE pid = ANY(%s)", list(pids.values()))
    assert left == sorted([pids["zbmaint:run-77:vacuum 1"], pids["psql"]]), "already when it returns"
    assert end_sessions(refer, "zbmaint:run-7") == []


def test_a_long_name_is_cut_where_the_server_would(shop: Shop, reference: Reference) -> None:
    with open_session(reference(shop.url()), application_name="zbmaint:run-1:" + "é" * 60) as session:
        name = session.execute("SHOW application_name").fetchone()
    assert name is not None
    assert name["application_name"].startswith("zbmaint:run-1:")


def test_every_problem_is_also_known_to_the_runner() -> None:
    assert connector.ConnectionProblem is ConnectionProblem
