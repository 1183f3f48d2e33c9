"""The environment, read in one place: every variable may also be given as `<NAME>_FILE`, a path to read it from."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from environs import FileAwareEnv

env = FileAwareEnv()


def secret_key(data: Path) -> str:
    """Return `SECRET_KEY`, or one that is made once and kept in `<data>/secret_key` (mode 0600).

    Without the file a restart would sign everybody out and drop queued work, whose payloads are signed with this key.
    """
    given: str = env.str("SECRET_KEY", "")
    if given:
        return given
    path = data / "secret_key"
    try:
        return path.read_text().strip()
    except OSError:
        pass
    key = secrets.token_urlsafe(48)
    try:
        data.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(key)
    except OSError:
        # An unwritable data folder is reported by the command that needs it, by name; settings only have to load.
        return key
    return key


def origin(url: str) -> tuple[str, str]:
    """Split a public URL into (scheme, host without port); raises ValueError when it is not http(s)://host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"PUBLIC_URL must look like https://desk.example.org, not {url!r}")
    return parts.scheme, parts.hostname
