"""What `manage.py up` does between the servers' readiness and the first page: schema, defaults, static files, admin."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.db import connections
from whitenoise.compress import Compressor

from zbmaint.access.actions.people import create_first_admin
from zbmaint.access.models.person import Person
from zbmaint.dashboard.demo import mark
from zbmaint.env import env


def prepare_database(*, demo: bool) -> str | None:
    """Migrate, install the defaults, and on the first start make the person `admin`.

    Returns what to print about that person, once. CommandError when demo data is asked for and cannot be made; where
    it is there already, it stays.
    """
    call_command("migrate", interactive=False, verbosity=0)
    call_command("defaults", verbosity=0)
    greeting = _first_admin()
    if demo and mark.read() is None:
        call_command("demo_data")
    # Workers and web have connections of their own; this process only waits from now on.
    connections.close_all()
    return greeting


def _first_admin() -> str | None:
    if Person.objects.exists():
        return None
    given: str = env.str("ZBMAINT_ADMIN_PASSWORD", "")
    password = given or secrets.token_urlsafe(12)
    create_first_admin(password)
    if given:
        return "Sign in as admin with the password in ZBMAINT_ADMIN_PASSWORD."
    return f"Sign in as admin with the password {password} (shown this once)."


# What pages of ours load, as folders below STATIC_ROOT.
PAGE_FOLDERS = ("css", "js", "django_htmx", "plotly")


def collect_static_files() -> bool:
    """Collect the static files with hashed names, unless none of their sources has changed; True when it was done.

    Only what our pages load is compressed, with gzip. `manage.py collectstatic` in production compresses everything,
    also with brotli: that takes ten times as long.
    """
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".sources"
    sources = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == sources:
        return False
    command = collectstatic.Command()
    command.storage = ManifestStaticFilesStorage()
    root.mkdir(parents=True, exist_ok=True)
    call_command(command, interactive=False, clear=True, verbosity=0)
    compressor = Compressor(use_brotli=False, quiet=True)
    for folder in PAGE_FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.is_file() and compressor.should_compress(path.name):
                compressor.compress(str(path))
    stamp.write_text(sources, encoding="ascii")
    return True


def _fingerprint() -> str:
    """A digest of the names, sizes and times of all static files, as the finders see them."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
