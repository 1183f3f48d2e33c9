"""Plotly's own JavaScript among the static files: the one file of its package that pages load."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FOLDER, FILE = "plotly", "plotly.min.js"


def _source() -> Path:
    """Where the package has it; the package itself is not loaded for that."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package plotly is not installed: run `make install`.")
    return Path(spec.origin).parent / "package_data"


class PlotlyFinder(BaseFinder):
    """Finds `plotly/plotly.min.js`."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.storage: Final = FileSystemStorage(location=_source())
        # Django reads it to know below which folder the file is to lie.
        self.storage.prefix = FOLDER  # type: ignore[attr-defined]

    def check(self, **_kwargs: Any) -> list[Any]:
        """Nothing is configured that could be wrong."""
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # Django's
        """The file, when it is meant."""
        found = [self.storage.path(FILE)] if path == f"{FOLDER}/{FILE}" else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:  # Django names it
        """The file and where it is."""
        yield FILE, self.storage
