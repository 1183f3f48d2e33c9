"""Logging: structlog over the standard library, JSON lines unless a person looks at a terminal."""

from __future__ import annotations

from typing import Any

import structlog


def configuration(*, as_json: bool) -> dict[str, Any]:
    """Configure structlog and return the `LOGGING` dictionary for Django."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"level": "INFO", "propagate": True, "handlers": []},
            "axes": {"level": "WARNING"},
            # It quotes whole URLs, and the path of a web hook may be its secret.
            "urllib3": {"level": "CRITICAL"},
            # So does what writes to chats.
            "apprise": {"level": "WARNING", "propagate": False, "handlers": []},
        },
    }
