"""Fixtures for every test: the cast of people, signed-in clients, real servers to work on."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from incidents.actions import defaults as incidents_defaults
from maintenance.actions import defaults as maintenance_defaults
from maintenance.models import Target
from tests import services
from zbmaint.access import defaults as access_defaults
from zbmaint.access.models import Person, Role
from zbmaint.embedded.postgres import PostgresServer

# How long an example takes says something of the machine and nothing of the product.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

PASSWORD = "correct horse battery staple"  # the cast's password, of use nowhere else
ROLE_KEYS = tuple(role.key for role in access_defaults.ROLES)

# A copy of every table that has rows, in a schema that nothing else looks into.
KEEP = """
CREATE SCHEMA as_installed;
DO $$
DECLARE name text; filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE as_installed.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$
"""
# As a replica does, without triggers: foreign keys are whole again at the end, and nothing is counted or refused.
# (The audit log's own triggers fire even then.)
PUT_BACK = """
CREATE PROCEDURE as_installed.put_back() LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    ALTER TABLE public.audit_auditentry DISABLE TRIGGER audit_no_early_delete;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'as_installed' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM as_installed.%I', name, name);
    END LOOP;
    ALTER TABLE public.audit_auditentry ENABLE ALWAYS TRIGGER audit_no_early_delete;
END $$
"""


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the garbage collector need not walk through it all the time.

    It took a seventh of the time of tests of pages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Test databases are copies of one that whoever is first migrates, with what `manage.py defaults` installs."""
    ours = connection.settings_dict
    with services.alone("installed"), django_db_blocker.unblock():
        if services.postgres[18].create_database(services.INSTALLED):
            name, ours["NAME"] = ours["NAME"], services.INSTALLED
            call_command("migrate", verbosity=0)
            access_defaults.install()
            incidents_defaults.install()
            maintenance_defaults.install()
            connection.close()  # what somebody is connected to cannot be copied
            ours["NAME"] = name
            ContentType.objects.clear_cache()
    ours["TEST"]["TEMPLATE"] = services.INSTALLED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database, and a copy of what is in it to go back to."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(KEEP)
        cursor.execute(PUT_BACK)


@pytest.fixture(scope="session", autouse=True)
def _put_back_after_committed_rows() -> Iterator[None]:
    """A test with committed rows ends with the database as it was installed, in a tenth of the time of a flush."""

    def put_back(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CALL as_installed.put_back()")
        ContentType.objects.clear_cache()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        yield


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests() -> Iterator[None]:
    """Changed for the whole session, so that `setUpTestData` has them as well."""
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        # Static files by their own names: the hashed ones exist only after collectstatic.
        STORAGES={**settings.STORAGES, "staticfiles": static_files},
        # What is stuck differs from test to test, and looking for it would cost every page its queries.
        STUCK_BANNER_SECONDS=0,
        # One message, one notice: so tests say what is delivered when.
        NOTICE_DRAIN_SECONDS=0,
        # Argon2 is slow on purpose; tests sign in all the time.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_mail_server_is_named() -> None:
    """Nothing listens there: what a test wants sent it sends to a mailbox of its own (tests/mailbox.py)."""
    os.environ["EMAIL_URL"] = "smtp://127.0.0.1:1"


@pytest.fixture
def installed(transactional_db: None) -> None:
    """A database with committed rows (threads and other processes see them), with the defaults installed."""


@pytest.fixture
def nobodys_database(django_db_modify_db_settings: None) -> Iterator[str]:
    """The URL of a database of its own, with the schema and the defaults, and without anybody who could sign in."""
    server, name = services.postgres[18], f"nobodys_{os.getpid()}"
    with server.connect() as session:
        session.execute(f"CREATE DATABASE {name} TEMPLATE {services.INSTALLED}")
        yield server.url(name, "postgres")
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make_people() -> dict[str, Person]:
    """One person for every role, called as the role is."""
    roles = Role.objects.in_bulk(ROLE_KEYS, field_name="key")
    people = [Person(username=key, name=key.title(), email=f"{key}@example.org", role=roles[key]) for key in ROLE_KEYS]
    for person in people:
        person.set_password(PASSWORD)
    return {person.username: person for person in Person.objects.bulk_create(people)}


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    """The cast: one person for every role key (viewer, tier1, tier2, tier3, lead, manager, admin)."""
    return make_people()


def signed_in(person: Person) -> Client:
    """A client that `person` has signed in with."""
    # As Client.force_login does it, without what else a sign-in does: it costs as much as some pages.
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "zbmaint.access.backend.RoleBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client


@pytest.fixture
def client_as(people: dict[str, Person]) -> Callable[[str], Client]:
    """`client_as("lead")`: a signed-in client."""
    return lambda role: signed_in(people[role])


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
