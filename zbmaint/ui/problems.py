"""Problems: what a program is answered that asked for what cannot be (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, JsonResponse

# How the path of what is no page ends.
FILES: Final = (".json", ".csv")


def is_of_file(request: HttpRequest) -> bool:
    """Whether what is asked for is JSON or CSV, so that a page is no answer: by the path, or by what is accepted."""
    accepted = request.headers.get("Accept", "")
    return request.path_info.endswith(FILES) or ("json" in accepted and "html" not in accepted)


def problem(
    status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JsonResponse:
    """`title` says what kind of problem it is, `detail` what to do about this one; `more` are members besides."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    kept = None if headers is None else dict(headers)
    return JsonResponse(told, status=status, content_type="application/problem+json", headers=kept)
