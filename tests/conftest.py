"""Fixtures for every test: the cast of people, signed-in clients, real servers to work on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from incidents.actions import defaults as incidents_defaults
from maintenance.actions import defaults as maintenance_defaults
from maintenance.models import Target
from tests import services
from zbmaint.access import defaults as access_defaults
from zbmaint.access.models import Person, Role
from zbmaint.embedded.postgres import PostgresServer

PASSWORD = "correct horse battery staple"  # the cast's password, of use nowhere else
ROLE_KEYS = tuple(role.key for role in access_defaults.ROLES)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database with what `manage.py defaults` installs."""
    with django_db_blocker.unblock():
        install_defaults()


def install_defaults() -> None:
    """What `manage.py defaults` does."""
    access_defaults.install()
    incidents_defaults.install()
    maintenance_defaults.install()


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_the_audit_log_too() -> Iterator[None]:
    """After a test with committed rows Django empties all tables with TRUNCATE, which the audit log refuses."""
    flush = DatabaseOperations.execute_sql_flush
    trigger = "TRIGGER audit_no_truncate"

    def flush_all(self: DatabaseOperations, sql_list: list[str]) -> None:
        around = [f"ALTER TABLE audit_auditentry {verb} {trigger}" for verb in ("DISABLE", "ENABLE ALWAYS")]
        flush(self, [around[0], *sql_list, around[1]])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_all)
        yield


@pytest.fixture(scope="session", autouse=True)
def _defaults_again_after_a_flush() -> Iterator[None]:
    """A test with committed rows ends by emptying every table; those that come next count on the defaults."""
    tear_down = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs

    def and_install(self: TransactionTestCase) -> None:
        tear_down(self)
        install_defaults()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", and_install)
        yield


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Static files by their own names: the hashed ones exist only after collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # What is stuck differs from test to test, and looking for it would cost every page its queries.
    settings.STUCK_BANNER_SECONDS = 0
    # One message, one notice: so tests say what is delivered when.
    settings.NOTICE_DRAIN_SECONDS = 0
    # Argon2 is slow on purpose; tests sign in all the time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _a_mail_server_is_named() -> None:
    """Nothing listens there: what a test wants sent it sends to a mailbox of its own (tests/mailbox.py)."""
    os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"


@pytest.fixture
def installed(transactional_db: None) -> None:
    """A database with committed rows (threads and other processes see them), with the defaults installed."""


def make_people() -> dict[str, Person]:
    """One person for every role, called as the role is."""
    people = {}
    for key in ROLE_KEYS:
        person = Person(username=key, name=key.title(), email=f"{key}@example.org", role=Role.objects.get(key=key))
        person.set_password(PASSWORD)
        person.save()
        people[key] = person
    return people


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    """The cast: one person for every role key (viewer, tier1, tier2, tier3, lead, manager, admin)."""
    return make_people()


@pytest.fixture
def client_as(people: dict[str, Person]) -> Callable[[str], Client]:
    """`client_as("lead")`: a signed-in client."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role], backend="zbmaint.access.backend.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def own_target(db: None) -> Target:
    """The product's own database as a target."""
    return Target.objects.get(reference="own")


@pytest.fixture(scope="session")
def postgres18() -> PostgresServer:
    """A running PostgreSQL 18 (socket and loopback TCP); also the product's own server. Never stop it."""
    return services.postgres[18]


@pytest.fixture(scope="session")
def postgres16() -> PostgresServer:
    """A running PostgreSQL 16 (socket and loopback TCP). Never stop it."""
    return services.postgres[16]


@pytest.fixture(scope="session")
def postgres15() -> Iterator[PostgresServer]:
    """A running PostgreSQL with the contrib extensions (Debian 12: 15), started by the first test that asks for it.

    Never stop it.
    """
    server = services.with_contrib()
    with server:
        yield server
    shutil.rmtree(server.data_dir.parent, ignore_errors=True)


@pytest.fixture(params=services.VERSIONS, scope="session")
def postgres(request: pytest.FixtureRequest) -> PostgresServer:
    """Each supported server version in turn."""
    return services.postgres[request.param]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment, put back after the test; child processes see it too."""
    yield monkeypatch
    assert "DATABASE_URL" in os.environ
