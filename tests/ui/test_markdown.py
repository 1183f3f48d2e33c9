"""Markdown: what must work works, and nothing that somebody writes is executed or loaded."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString

from zbmaint.ui import markdown

TAGS = {"a", "blockquote", "br", "code", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr"}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}, "pre": {"tabindex"}, "td": {"class"}, "th": {"class"}}


class Seen(HTMLParser):
    """The elements of a page as a browser would see them, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.elements if tag == "a"]


def seen(text: str) -> Seen:
    """`text` rendered, when it holds nothing but what is allowed."""
    found = Seen(markdown.render(text))
    for tag, attributes in found.elements:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
    return found


HARMFUL = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<p>one</p>\n\n<script>\nalert(1)\n</script>",
    "<img src=x onerror=alert(1)>",
    "<b onclick=alert(1)>here</b>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>@import '//evil.example';</style>",
    "<p style='background:url(//evil.example)'>styled</p>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<form action=/logout><button>here</button></form>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<a href='javascript:alert(1)'>here</a>",
    "<!-- a comment --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\ncode\n```',
    "    <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|-|\n| <img src=x onerror=alert(1)> |",
    "# <script>alert(1)</script>",
    '[here](/page "\\" onmouseover=\\"alert(1)")',
    "[here](/page '\"><script>alert(1)</script>')",
    '[here](/page"onmouseover="alert(1))',
    '![" onerror="alert(1)](/x.png)',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
]
NO_LINKS = [
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here]( javascript:alert(1))",
    "[here](<javascript:alert(1)>)",
    "[here](<java\tscript:alert(1)>)",
    "[here](<\x01javascript:alert(1)>)",
    "[here](javascript&colon;alert(1))",
    "[here](&#106;avascript:alert(1))",
    "[here](&#x6A;avascript:alert(1))",
    "[here](java&#x0A;script:alert(1))",
    "[here](java&Tab;script:alert(1))",
    "[here](java\\script:alert(1))",
    "[here](javascript\\:alert(1))",
    "[here](vbscript:msgbox(1))",
    "[here](data:text/html;base64,PHNjcmlwdD4=)",
    "[here](data:image/png;base64,iVBORw0KGgo=)",
    "[here](file:///etc/passwd)",
    "[here](ftp://files.example/)",
    "[here](blob:https://desk.example.org/1)",
    "[here](view-source:https://desk.example.org)",
    "[here](//evil.example/)",
    "[here](&#47;/evil.example/)",
    "![here](javascript:alert(1))",
    "![here](data:image/svg+xml,%3Csvg%20onload=alert(1)%3E)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[here][there]\n\n[there]: javascript:alert(1)",
    "[here]\n\n[here]: <data:text/html,x>",
]


@pytest.mark.parametrize("text", HARMFUL)
def test_html_is_shown_and_never_obeyed(text: str) -> None:
    for attributes in (attributes for _, attributes in seen(text).elements):
        assert attributes.get("href") in (None, "/page", "/x.png", "/page%22onmouseover=%22alert(1)")


@pytest.mark.parametrize("text", NO_LINKS)
def test_an_address_that_is_not_allowed_is_shown_as_text(text: str) -> None:
    found = seen(text)
    assert found.links() == []
    assert "here" in found.text or text.startswith("<")


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=/x.png>",
        '<a href="javascript:alert(1)" onclick="alert(1)" style="color:red" id="main">x</a>',
        '<a href="JAVA&#x0A;SCRIPT:alert(1)">x</a>',
        '<td class="panel">x</td>',
        "<h1>x</h1><!-- comment -->",
    ],
)
def test_the_sanitiser_would_stop_what_the_parser_let_through(html: str) -> None:
    for tag, attributes in Seen(markdown.CLEANER.clean(html)).elements:
        assert tag in TAGS
        assert attributes in ({}, {"rel": "noopener nofollow"})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[here](https://graphs.example/d/1?from=a&to=b#top)", "https://graphs.example/d/1?from=a&to=b#top"),
        ("[here](HTTP://graphs.example)", "HTTP://graphs.example"),
        ("[here](mailto:ops@example.org)", "mailto:ops@example.org"),
        ("[here](/tickets/7/)", "/tickets/7/"),
        ("[here](../runs/?at=03:01)", "../runs/?at=03:01"),
        ("[here](#event-4)", "#event-4"),
        ("<https://graphs.example/>", "https://graphs.example/"),
        ("<ops@example.org>", "mailto:ops@example.org"),
        ("[here][there]\n\n[there]: /tickets/7/", "/tickets/7/"),
        ("![here](https://graphs.example/cpu.png)", "https://graphs.example/cpu.png"),
        ("[](/tickets/7/)", "/tickets/7/"),
        ("![](/cpu.png)", "/cpu.png"),
    ],
)
def test_a_link_goes_where_it_says_and_has_words(text: str, address: str) -> None:
    found = seen(text)
    assert found.elements[1:] == [("a", {"href": address, "rel": "noopener nofollow"})]
    assert found.text.strip() in ("here", address, address.removeprefix("mailto:"))


def test_the_image_of_a_link_is_its_words() -> None:
    found = seen("See [![the build](https://ci.example/badge.svg)](https://ci.example/) and ![no image")
    assert found.links() == ["https://ci.example/"]
    assert found.text == "See the build and ![no image\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *leaning* ~~gone~~", "<p><strong>bold</strong> <em>leaning</em> <s>gone</s></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("3. one\n4. two", '<ol start="3">\n<li>one</li>\n<li>two</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```sql\nselect 1 < 2\n```", '<pre tabindex="0"><code>select 1 &lt; 2\n</code></pre>'),
        ("    as it is", '<pre tabindex="0"><code>as it is\n</code></pre>'),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("---", "<hr>"),
        ("\ud800 &#xD800; \x00", "<p>? \ufffd \ufffd</p>"),
        ("", ""),
    ],
)
def test_what_people_write_looks_as_meant(text: str, html: str) -> None:
    assert markdown.render(text).strip() == html


def test_a_table_lines_its_columns_up_without_styles() -> None:
    found = seen("| host | use | state |\n|---|--:|:-:|\n| db-1 | 97 | full |")
    cells = [(tag, attributes.get("class")) for tag, attributes in found.elements if tag in ("th", "td")]
    assert cells == [("th", None), ("th", "num"), ("th", "centre"), ("td", None), ("td", "num"), ("td", "centre")]


def test_headings_stand_below_those_of_the_page() -> None:
    tags = [tag for tag, _ in seen("# a\n## b\n### c\n###### d\n\ne\n=\n\nf\n-").elements]
    assert tags == ["h4", "h5", "h6", "h6", "h4", "h5"]


def test_a_text_that_fits_is_kept_and_a_longer_one_refused_with_both_numbers() -> None:
    assert markdown.why_not("x" * markdown.LONGEST) is None
    assert markdown.why_not("x" * 20_001) == "This text has 20,001 characters; at most 20,000 fit."


def test_a_text_over_the_limit_is_shown_as_typed_and_cut() -> None:
    html = markdown.render("**<b>**" + "> [*`" * 200_000)
    assert html.startswith('<pre tabindex="0">**&lt;b&gt;**&gt; [*`')
    assert html.endswith("…</pre>")
    assert len(Seen(html).text) == markdown.LONGEST + 1


@pytest.mark.parametrize(
    "deep", [">" * 40 + " the end", "- " * 40 + "the end", "".join("  " * n + "- a\n" for n in range(99))]
)
def test_a_text_that_is_too_deep_is_shown_as_typed_with_nothing_lost(deep: str) -> None:
    found = seen(deep)
    assert [tag for tag, _ in found.elements] == ["pre"]
    assert found.text == deep


def test_quotes_and_lists_within_reason_are_rendered() -> None:
    assert [tag for tag, _ in seen(">" * 14 + " the end").elements] == ["blockquote"] * 14 + ["p"]
    assert seen("".join("  " * n + "- a\n" for n in range(7))).text.count("a") == 7


SIGNS = [">", "> ", "- ", "* ", "[", "![", "[]", "[a](", "*_", "**a *b ", "`", "<", "&", "~", "[\n", "_a __b ", "|a"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_of_signs_only_gives_html_in_proportion(sign: str) -> None:
    text = (sign * markdown.LONGEST)[: markdown.LONGEST]
    assert seen(text).elements
    assert len(markdown.render(text)) < 8 * len(text)


@pytest.mark.parametrize(("columns", "rows"), [(2, 9_900), (40, 9_800), (250, 9_000), (2_500, 4_900)])
def test_a_short_text_cannot_ask_for_a_huge_table(columns: int, rows: int) -> None:
    text = "|a" * columns + "|\n" + "|-" * columns + "|\n" + "a\n" * rows
    found = seen(text[: markdown.LONGEST])
    assert sum(tag in ("td", "th") for tag, _ in found.elements) <= markdown.MOST_CELLS
    assert found.text.count("a") == text[: markdown.LONGEST].count("a")


def test_all_tables_of_a_text_share_the_limit() -> None:
    one = "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "a\n" * 40 + "\n"
    found = seen((one * 200)[: markdown.LONGEST])
    assert sum(tag in ("td", "th") for tag, _ in found.elements) <= markdown.MOST_CELLS


def test_the_same_text_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = markdown.render("rendered **once**")
    monkeypatch.setattr(markdown, "CLEANER", None)
    assert markdown.render("rendered **once**") is first


def test_the_filter_prints_the_html_unescaped() -> None:
    html = Template('<div class="prose">{{ text|markdown }}</div>').render(Context({"text": "**<b>**"}))
    assert html == '<div class="prose"><p><strong>&lt;b&gt;</strong></p>\n</div>'
    assert isinstance(markdown.render("x"), SafeString)
