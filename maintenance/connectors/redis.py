"""A Redis, or what speaks its protocol."""

from __future__ import annotations

from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, NoPermissionError
from redis.retry import Retry

from maintenance.connectors.deadline import within
from maintenance.connectors.problems import ConnectionProblem
from maintenance.connectors.references import read_reference

SHAPE: Final = "redis://user:password@host:6379/0 (rediss:// with TLS)"


def ping(reference: str, seconds: float) -> None:
    """Send a PING to what `own` (the product's cache), `env:NAME` or `file:/path` names, within about `seconds`.

    Raises ConnectionProblem that says what is wrong, without a secret.
    """
    url, where = read_reference(reference, settings.REDIS_URL, SHAPE)
    try:
        client = redis.Redis.from_url(
            url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
        )
    except ValueError:
        # The message quotes pieces of the URL.
        client = None
    if client is None:
        raise ConnectionProblem("reference", f"{where} does not hold a connection URL; it looks like {SHAPE}.")
    trouble: ConnectionProblem | None = None
    try:
        # The time-outs of the client are for one piece of an answer each.
        within(seconds, lambda: _ping(client))
    except (redis.RedisError, OSError, ValueError) as error:
        trouble = _in_words(error, seconds)
    if trouble is not None:
        # Raised here, outside the handler, so that nothing of the driver's own error hangs on it.
        raise trouble


def _ping(client: redis.Redis) -> None:
    with client:
        client.ping()


def _in_words(error: Exception, seconds: float) -> ConnectionProblem:
    if isinstance(error, AuthenticationError | NoPermissionError):
        return ConnectionProblem("login", "User or password: it does not let us in.")
    if isinstance(error, BusyLoadingError):
        return ConnectionProblem("server", "It is still loading its data.")
    if isinstance(error, redis.TimeoutError | TimeoutError):
        return ConnectionProblem("host", f"It did not answer within {seconds:g} s.")
    if isinstance(error, redis.ConnectionError | OSError):
        return ConnectionProblem("host", f"It could not be reached ({_cause(error)}).")
    return ConnectionProblem("server", f"It does not answer a PING ({type(error).__name__}).")


def _cause(error: Exception) -> str:
    """The system's own words; the driver's hold the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    return "the connection was closed"
