import pytest

from incidents.rules.texts import tag, why_not_line, why_not_tag, why_not_text, why_not_title

NUL, HALF = "\x00", "\ud83d"


@pytest.mark.parametrize(
    "title", ["Disk is full", "x" * 300, f"  {'x' * 300}  ", "Ünïcode 🚒", "<b>bold</b>", "ends \n"]
)
def test_a_title(title: str) -> None:
    assert why_not_title(title) is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", "Enter a title: one sentence on what does not work."),
        (" \t\n ", "Enter a title: one sentence on what does not work."),
        ("one\ntwo", "A title is one line of text."),
        ("one\rtwo", "A title is one line of text."),
        ("one\u2028two", "A title is one line of text."),
        (f"a{NUL}b", "A title is one line of text."),
        (f"a{HALF}b", "A title is one line of text."),
        ("x" * 10_000, "A title has at most 300 characters, this one 10,000. Say more below."),
    ],
)
def test_it_refuses_what_is_no_title(title: str, expected: str) -> None:
    assert why_not_title(title) == expected


def test_a_text_of_a_size_that_is_read() -> None:
    assert why_not_text("") is None
    assert why_not_text("line\nline\r\n" + "x" * 19_000) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "> " * 500_000,
            "This has 1,000,000 characters; 20,000 are kept. Shorten it, or link to where it stands.",
        ),
        (f"a{NUL}", "This holds a character that cannot be kept (NUL, or half of one)."),
        (HALF, "This holds a character that cannot be kept (NUL, or half of one)."),
    ],
    ids=["1 MB", "NUL", "half"],
)
def test_it_refuses_what_cannot_be_kept(text: str, expected: str) -> None:
    assert why_not_text(text) == expected


def test_a_line_has_its_length() -> None:
    assert why_not_line(" " + "x" * 120, 120) is None
    assert why_not_line("x" * 121, 120) == "This has 121 characters, 120 are kept. Shorten it."
    assert why_not_line(NUL, 120) == "This holds a character that cannot be kept (NUL, or half of one)."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Mail", "mail"), ("  two  Words ", "two-words"), ("ÜBER", "über"), ("a/b:c+d.e_f", "a/b:c+d.e_f")],
)
def test_a_tag_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert tag(typed) == kept
    assert why_not_tag(kept) is None
    assert tag(kept) == kept


@pytest.mark.parametrize("name", ["-a", "a,b", "<b>", "a b", "", "x" * 41, f"a{NUL}"])
def test_it_refuses_what_is_no_tag(name: str) -> None:
    assert why_not_tag(name) is not None
