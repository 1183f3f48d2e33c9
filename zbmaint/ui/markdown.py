"""Markdown as people write it in tickets and comments, as HTML that is safe to show."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.link import link
from markdown_it.token import Token

from zbmaint.ui import words

LONGEST: Final = 20_000
# Headings begin below those of the page and its panels.
FIRST_HEADING: Final = 4
# How deep quotes and lists go into each other: a quote is one step, a list two. The parser skips what is deeper.
DEEPEST: Final = 16
# Every row of a table gets all its columns, so that a short text could ask for a page of a megabyte.
MOST_CELLS: Final = 10_000
WORDS: Final = {"a", "br", "code", "em", "s", "strong"}
BLOCKS: Final = {"blockquote", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
TABLES: Final = {"table", "tbody", "td", "th", "thead", "tr"}
SCHEMES: Final = {"http", "https", "mailto"}
# No address of another host without its scheme. A browser reads a backslash as a slash and skips control characters.
ALLOWED_LINK: Final = re.compile(r"(?:https?:|mailto:|(?!//|[^/?#]*:))[^\\\x00-\x20]+", re.IGNORECASE)
CONTAINERS: Final = {"blockquote_open", "list_item_open"}
CELL_CLASSES: Final = {"text-align:center": "centre", "text-align:right": "num"}


def why_not(text: str) -> str | None:
    """Why `text` cannot be kept, in words; None when it can."""
    if len(text) <= LONGEST:
        return None
    return f"This text has {words.thousands(len(text))} characters; at most {words.thousands(LONGEST)} fit."


def render(text: str) -> SafeString:
    """`text` as HTML: paragraphs, lists, tables, code, links; no images, no HTML of its own.

    Shown as it was typed: a text whose quotes and lists go too deep, and one over LONGEST, which is also cut.
    """
    return _rendered(text) if len(text) <= LONGEST else _as_typed(f"{text[:LONGEST]}…")


@lru_cache(maxsize=256)
def _rendered(text: str) -> SafeString:
    env: dict[str, Any] = {}
    # A lone surrogate, which JSON can carry, is no text for the sanitiser.
    tokens = PARSER.parse(text.encode(errors="replace").decode(), env)
    if any(token.type in CONTAINERS and token.level >= DEEPEST - 1 for token in tokens):
        return _as_typed(text)
    return SafeString(CLEANER.clean(PARSER.renderer.render(tokens, PARSER.options, env)))


def _as_typed(text: str) -> SafeString:
    return format_html('<pre tabindex="0">{}</pre>', text)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser calls it so
        """Whether `url`, decoded and normalised, becomes a link; the text stays as typed when it does not."""
        return ALLOWED_LINK.fullmatch(url) is not None


def _image_as_link(state: StateInline, silent: bool) -> bool:
    """Read `![words](address)` as a link to the image: the page loads nothing from elsewhere."""
    start = state.pos
    if not state.src.startswith("![", start):
        return False
    state.pos += 1
    within, state.linkLevel = state.linkLevel, 0
    found = link(state, silent or within > 0)
    state.linkLevel = within
    if not found:
        state.pos = start
    elif within and not silent:
        # A link holds no other link, so the image of a link is its words.
        end = state.md.helpers.parseLinkLabel(state, start + 1)
        state.push("text", "", 0).content = state.src[start + 2 : end]
    return found


def _bounded_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a table as long as the tables of the text have fewer than MOST_CELLS; what follows is text."""
    columns = state.src[state.bMarks[first] : state.eMarks[first]].count("|") + 1
    cells = state.env.get("cells", 0)
    rows = (MOST_CELLS - cells) // columns
    if rows < 1 or not table(state, first, min(end, first + rows + 1), silent):
        return False
    if not silent:
        state.env["cells"] = cells + columns * (state.line - first)
    return True


def _tame(state: StateCore) -> None:
    """Fit what was parsed into a page that has headings and styles of its own."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + FIRST_HEADING - 1, 6)}"
        elif token.type in {"th_open", "td_open"}:
            # The policy of the pages allows no style attributes.
            css = CELL_CLASSES.get(str(token.attrs.pop("style", "")))
            token.attrs |= {"class": css} if css else {}
        elif token.children:
            token.children = _with_words(token.children)


def _with_words(tokens: list[Token]) -> list[Token]:
    """A link without words gets its address as words, or nobody could see or hear it."""
    told: list[Token] = []
    address = ""
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs["href"])
        elif token.type == "link_close" and address:
            told.append(Token("text", "", 0, content=address))
            address = ""
        elif token.content.strip():
            address = ""
        told.append(token)
    return told


def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": DEEPEST}
    made = _Parser("commonmark", options).enable(["table", "strikethrough"])
    made.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.at("image", _image_as_link)
    made.core.ruler.push("tame", _tame)
    return made


PARSER: Final = _parser()
# The parser lets no HTML through. This stands behind it, should it ever have a hole.
CLEANER: Final = nh3.Cleaner(
    tags=WORDS | BLOCKS | TABLES,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    tag_attribute_values={tag: {"class": set(CELL_CLASSES.values())} for tag in ("td", "th")},
    # A block of code scrolls, and whoever has no mouse must reach it.
    set_tag_attribute_values={"pre": {"tabindex": "0"}},
    url_schemes=SCHEMES,
    link_rel="noopener nofollow",
)
