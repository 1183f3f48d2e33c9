"""Text that a spreadsheet might execute."""

from __future__ import annotations

import pytest

from zbmaint.ui.spreadsheets import text_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", "\tx", "  =1", "\n=1", "\u00a0@x"])
def test_text_that_would_be_one_gets_an_apostrophe(text: str) -> None:
    assert text_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "a=1", "3 - 2", "'=1", "INC-7", "x\t=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert text_cell(text) == text
