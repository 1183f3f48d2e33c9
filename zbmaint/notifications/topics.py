"""What a topic is called and where it is shown: by the app whose word stands before the colon.

An app registers a function in its module `wanted`: `topics.register("ticket", link)`. It gets what stands behind the
colon and returns a label and a path, without asking the database.
"""

from __future__ import annotations

from collections.abc import Callable

Linker = Callable[[str], tuple[str, str]]
_linkers: dict[str, Linker] = {}


def register(word: str, linker: Linker) -> None:
    """Let `linker` name the topics `word:…`; registering it again changes nothing."""
    _linkers[word] = linker


def link(topic: str) -> tuple[str, str]:
    """Label and path of a topic; both empty for one that nobody knows."""
    word, _, rest = topic.partition(":")
    linker = _linkers.get(word)
    return linker(rest) if linker is not None else ("", "")
