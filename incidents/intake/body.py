"""Reading the body of a delivery as JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from incidents.intake.group import Unreadable

LARGEST: Final = 16 * 1024 * 1024  # bytes


def decode(body: bytes) -> Any:
    """The JSON value of a body. Raises Unreadable in words for one that is none, such as one that was cut off."""
    if not body.strip():
        raise Unreadable("The body is empty.")
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except json.JSONDecodeError as problem:
        ends = problem.msg.startswith("Unterminated") or problem.pos >= len(problem.doc.rstrip()) - 1
        cut = " It ends too early: it may have been cut off on its way." if ends else ""
        raise Unreadable(
            f"The body is no JSON: {problem.msg} in line {problem.lineno}, column {problem.colno}.{cut}"
        ) from None
    except (RecursionError, ValueError):
        raise Unreadable("The body is JSON that is nested too deeply, or holds a number that is too long.") from None
