"""How values are written for people."""

from __future__ import annotations

import datetime as dt

import pytest

from zbmaint.ui import words

NOON = dt.datetime(2026, 4, 5, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.004, "0.1s"),
        (0.42, "0.4s"),
        (3, "3s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (41.3, "41s"),
        (59.4, "59s"),
        (60, "1m"),
        (161, "2m 41s"),
        (186.9, "3m 06s"),
        (3599, "59m 59s"),
        (3600, "1h"),
        (8040, "2h 14m"),
        (86400, "1d"),
        (86400 * 3 + 3600 * 4 + 59, "3d 4h"),
        (-41, "−41s"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text
    assert words.duration(dt.timedelta(seconds=seconds)) == text


def test_a_second_that_rounds_up_to_a_minute_is_a_minute() -> None:
    assert words.duration(59.7) == "1m"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (41, "41 s"), (89, "89 s"), (91, "2 min"), (1620, "27 min"), (10_800, "3 h"), (180_000, "2 days")],
)
def test_a_duration_in_a_sentence_is_rounded_to_one_unit(seconds: float, text: str) -> None:
    assert words.duration_in_words(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (48_210, "48,210"), (-48_210, "−48,210"), (2.5, "2.5"), (1234.0, "1,234")],
)
def test_a_number_has_commas_and_a_real_minus_sign(number: float, text: str) -> None:
    assert words.thousands(number) == text


@pytest.mark.parametrize(("number", "text"), [(12, "+12"), (0, "0"), (-48_210, "−48,210")])
def test_a_change_has_a_sign(number: int, text: str) -> None:
    assert words.change(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.00 KiB"),
        (8192, "8.00 KiB"),
        (1_500_000_000, "1.40 GiB"),
        (1_181_116_006, "1.10 GiB"),
        (44_882_408_243, "41.8 GiB"),
        (1_048_000, "1.00 MiB"),
        (1_048_576, "1.00 MiB"),
        (500 * 1024**3, "500 GiB"),
        (3 * 1024**6, "3,072 PiB"),
        (-2048, "−2.00 KiB"),
    ],
)
def test_bytes_are_written_with_three_figures_in_units_of_1024(number: int, text: str) -> None:
    assert words.size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-4, "just now"),
        (-30, "30s ago"),
        (-119, "1m ago"),
        (-8040, "2h 14m ago"),
        (2880, "in 48m"),
        (-86400 * 2, "2d ago"),
    ],
)
def test_a_near_time_is_written_relative_to_now(seconds: int, text: str) -> None:
    assert words.relative(NOON + dt.timedelta(seconds=seconds), NOON) == text


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    harare = dt.timezone(dt.timedelta(hours=2))
    assert words.moment(dt.datetime(2026, 4, 5, 1, 30, tzinfo=harare)) == "4 Apr 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Anesu Moyo", "AM"), ("a.moyo", "AM"), ("t_ncube", "TN"), ("admin", "AD"), ("x", "X"), ("Ana Maria Reyes", "AR")],
)
def test_initials_are_the_first_letters_of_the_first_and_last_name(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_initials_of_a_name_made_of_dots_are_empty() -> None:
    assert words.initials("..") == ""


@pytest.mark.parametrize(("word", "text"), [("not_configured", "Not configured"), ("failed", "Failed"), ("", "")])
def test_a_stored_word_reads_like_a_word(word: str, text: str) -> None:
    assert words.label(word) == text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (847.2, "14m 07s left"),
        (59, "59s left"),
        (0.4, "0s left"),
        (0, "0s over"),
        (-480, "8m 00s over"),
        (7680, "2h 8m left"),
        (-90061, "1d 1h over"),
    ],
)
def test_what_is_left_is_said_to_the_second_below_an_hour(seconds: float, said: str) -> None:
    assert words.left(seconds) == said


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (7, "7th"), (11, "11th"), (13, "13th"), (1022, "1,022nd")]
)
def test_a_place_in_a_row_has_its_ending(value: int, text: str) -> None:
    assert words.ordinal(value) == text


@pytest.mark.parametrize(
    ("text", "seen"), [("x", True), (" – ", True), ("", False), ("  ", False), ("\u200b \u2060", False)]
)
def test_what_has_no_letter_that_can_be_seen_is_nothing(text: str, seen: bool) -> None:
    assert words.is_seen(text) is seen
