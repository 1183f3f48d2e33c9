"""Problems: what a program is answered that asked for what cannot be (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse


def problem(
    status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JsonResponse:
    """`title` says what kind of problem it is, `detail` what to do about this one; `more` are members besides."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    kept = None if headers is None else dict(headers)
    return JsonResponse(told, status=status, content_type="application/problem+json", headers=kept)
