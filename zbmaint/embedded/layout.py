"""Where the embedded servers keep things, found the same way by every process from the data root alone.

Standard library only and free of side effects until `Layout.prepare`: settings import it before Django is set up.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from zbmaint.embedded.accounts import SHARED_TEMPORARY, SYSTEM_ROOT, make_folders, own_directory, reachable
from zbmaint.embedded.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
POSTGRES_VERSION = 18
# The name of the product's database and of the role that owns it.
DATABASE = "zbmaint"
# PostgreSQL names its socket after a port even where it listens on none.
SOCKET_PORT = 5432
# sockaddr_un holds 108 bytes with the closing zero.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Layout:
    """The folders, sockets and URLs of one data root."""

    root: Path
    postgres_home: Path
    sockets: Path | None

    @property
    def postgres_data(self) -> Path:
        """The cluster's data directory, one for each major version."""
        return self.postgres_home / str(POSTGRES_VERSION)

    @property
    def postgres_sockets(self) -> Path:
        """The folder of PostgreSQL's socket, open to the server's account and to us alone."""
        return (self.sockets or self.postgres_home) / "run"

    @property
    def valkey_data(self) -> Path:
        """The folder of Valkey's append-only file."""
        return self.root / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return (self.sockets or self.valkey_data) / "valkey.sock"

    @property
    def logs(self) -> Path:
        """One log file for each process that `manage.py up` starts."""
        return self.root / "logs"

    def log_of(self, name: str) -> Path:
        """The log file of a child by its name, such as `worker long`."""
        return self.logs / f"{name.replace(' ', '-')}.log"

    @property
    def database_url(self) -> str:
        """The product's database, for dj-database-url and for libpq alike."""
        return socket_url(self.postgres_sockets, user=DATABASE, database=DATABASE)

    @property
    def redis_url(self) -> str:
        """The cache, for `redis.from_url`."""
        return f"unix://{quote(str(self.valkey_socket))}?db=0"

    def prepare(self) -> None:
        """Make the folders; EmbeddedError naming the one that cannot be made or written."""
        self._prepare_root()
        if self.postgres_home.is_relative_to(SYSTEM_ROOT):
            own_directory(self.postgres_home, None, 0o711)
            link = self.root / "postgres"
            if not link.is_symlink():
                link.symlink_to(self.postgres_home)
        else:
            own_directory(self.postgres_home, None, self._open_mode())
        if self.sockets is not None:
            own_directory(self.sockets, None, self._open_mode())
        own_directory(self.valkey_data, None)
        own_directory(self.logs, None)

    def _prepare_root(self) -> None:
        try:
            if not self.root.exists():
                make_folders(self.root)
            elif self.postgres_home.is_relative_to(self.root) and not reachable(self.root):
                # `locate` found it missing and chose to live in it; since then our own settings made it, with a
                # umask that shuts out the server's account.
                self.root.chmod(self._open_mode())
            probe = self.root / f".writable-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise EmbeddedError(
                f"Cannot write to the data folder {self.root} ({error.strerror}); "
                "set ZBMAINT_DATA to a folder that you may write to."
            ) from None

    def _open_mode(self) -> int:
        """Root's folders let the server's account walk through, but not look around."""
        return 0o711 if os.geteuid() == 0 else 0o700


def locate(data: Path | None = None) -> Layout:
    """Find the layout of the data root `data`, by default `ZBMAINT_DATA` or `.data` in the checkout.

    PostgreSQL lives below the data root, except where root runs us and the server's account could not get there: then
    it lives under /var/lib/zbmaint, and a link in the data root records it. A data root whose path is too long for a
    socket gets a short folder for its sockets.
    """
    given = data or Path(os.environ.get("ZBMAINT_DATA") or CHECKOUT / ".data")
    root = Path(os.path.abspath(given.expanduser()))
    home = root / "postgres"
    as_root = os.geteuid() == 0
    digest = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    if os.path.islink(home):
        home = Path(os.path.realpath(home))
    elif as_root and not os.path.lexists(home) and not reachable(root):
        home = SYSTEM_ROOT / digest
    longest = max((home / "run" / f".s.PGSQL.{SOCKET_PORT}.lock", root / "valkey" / "valkey.sock"), key=_length)
    if _length(longest) <= LONGEST_SOCKET_PATH:
        return Layout(root, home, None)
    short = SYSTEM_ROOT / digest if as_root else SHARED_TEMPORARY / f"zbmaint-{os.geteuid()}-{digest}"
    return Layout(root, home, short)


def _length(path: Path) -> int:
    return len(os.fsencode(path))


def socket_url(sockets: Path, *, user: str, database: str, port: int = SOCKET_PORT) -> str:
    """Build the URL of a database behind a socket folder, as both dj-database-url and libpq understand it.

    The port is written out, since PGPORT in the environment would name another socket.
    """
    return f"postgresql://{quote(user, safe='')}@{quote(str(sockets), safe='')}:{port}/{quote(database, safe='')}"
