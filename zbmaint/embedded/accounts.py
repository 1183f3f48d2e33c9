"""Who owns what: PostgreSQL refuses to run as root, so then it runs as an unprivileged account.

That account must be able to reach its data and its programs. We never change the mode of a folder that is not ours;
where an ancestor keeps others out, the caller moves to a place under `SYSTEM_ROOT` instead.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from zbmaint.embedded.errors import EmbeddedError
from zbmaint.processes import Account

ACCOUNT_NAME = "zbmaint"
SYSTEM_ROOT = Path("/var/lib/zbmaint")
# Not `tempfile.gettempdir()`: TMPDIR differs between two shells, and two processes must find the same sockets.
SHARED_TEMPORARY = Path("/tmp")  # noqa: S108 - folders there are ours, closed, and checked by `own_directory`


def current_account() -> Account:
    """Return the account of this process; EmbeddedError when its uid has no name, which PostgreSQL refuses."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"The user id {uid} has no account on this machine, so PostgreSQL cannot run as it; "
            "use a named account or set DATABASE_URL."
        ) from None
    return Account(entry.pw_name, uid, os.getegid())


def server_account(data_dir: Path) -> Account | None:
    """Return the account that the server of `data_dir` runs as: None for our own, which any user but root is.

    As root it is the owner of `data_dir` where that exists (PostgreSQL accepts no other), else the system account
    `zbmaint`, made when missing, else `nobody`. Raises EmbeddedError when none of them can be had.
    """
    if os.geteuid() != 0:
        return None
    owner = data_dir.stat().st_uid if data_dir.exists() else 0
    if owner != 0:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            raise EmbeddedError(f"{data_dir} belongs to the user id {owner}, which has no account here.") from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    account = _named(ACCOUNT_NAME) or _created() or _named("nobody")
    if account is None:
        raise EmbeddedError("PostgreSQL does not run as root, and there is no account for it; set DATABASE_URL.")
    return account


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _created() -> Account | None:
    """Make the system account; None where the machine does not allow it (no useradd, read-only /etc)."""
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    flags = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run(  # noqa: S603 - fixed arguments
        [useradd, *flags, "--shell", "/usr/sbin/nologin", ACCOUNT_NAME], capture_output=True, timeout=30, check=False
    )
    # Looked up whatever useradd said: somebody may have made it in the same moment.
    return _named(ACCOUNT_NAME)


def reachable(path: Path) -> bool:
    """Whether any account may walk down to `path`: every folder on the way that exists lets others through."""
    for folder in (path, *path.parents):
        try:
            mode = folder.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError:
            return False
        if stat.S_ISDIR(mode) and not mode & stat.S_IXOTH:
            return False
    return True


def own_directory(path: Path, account: Account | None, mode: int = 0o700) -> None:
    """Make `path` a folder of `account` with `mode`, creating what is missing.

    An existing one must belong to that account already (EmbeddedError otherwise): the name may lie in a shared place
    such as /tmp, where somebody else could have put a folder or a link of theirs first.
    """
    uid, gid = (account.uid, account.gid) if account else (os.geteuid(), os.getegid())
    try:
        make_folders(path.parent)
        path.mkdir(mode=mode)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise EmbeddedError(
                f"{path} is not a folder of {account.name if account else 'this user'}; "
                "run this as the user that made it, or set ZBMAINT_DATA to another folder."
            ) from None
    except OSError as error:
        raise EmbeddedError(f"Cannot make the folder {path}: {error.strerror}.") from None
    else:
        os.chown(path, uid, gid, follow_symlinks=False)
    path.chmod(mode)


def make_folders(path: Path) -> None:
    """Make the missing folders down to `path` (OSError); others get through root's, whatever the umask."""
    if path.exists():
        return
    make_folders(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)


def temporary_directory(prefix: str = "zbmaint-") -> Path:
    """Make and return a new folder with a short path in /tmp that an account other than ours may walk through.

    Servers put their data and sockets in folders below it, closed to everybody else. Meant for tests: pytest's own
    temporary folders are closed to other accounts, and often too long for a socket. The caller removes it.
    """
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=SHARED_TEMPORARY))
    path.chmod(0o711)
    return path
