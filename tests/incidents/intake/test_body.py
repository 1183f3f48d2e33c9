import pytest

from incidents.intake.body import decode
from incidents.intake.group import Unreadable


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "cut off"),
        (b'{"alerts": [{"status": "fir', "cut off"),
        (b'{"a": 1,, "b": 2}', "no JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b"9" * 10_000, "too long"),
        (b"title=x", "no JSON"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_is_no_json_is_said_in_words(body: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        decode(body)
    assert says in str(refused.value)


def test_json_is_read() -> None:
    assert decode(b' {"a": ["\xc3\xbc"]}\n') == {"a": ["ü"]}
