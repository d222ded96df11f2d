"""A file for spreadsheets does nothing when it is opened."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.sheets import csv_of


def cells(*cells: object) -> list[str]:
    (_, row) = csv.reader(io.StringIO(csv_of(["head"], [cells])))
    return row


@pytest.mark.parametrize(
    "text",
    ["=1+1", '=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1",
     "\ufeff=cmd|' /C calc'!A0", "＝1", "＠x"],
)  # fmt: skip
def test_a_text_that_would_be_a_formula_is_a_text(text: str) -> None:
    assert cells(text) == ["'" + text]


@pytest.mark.parametrize("text", ["claude-opus-5-5", "2026-11-22", "acme", "a=b", "", "a,b", 'say "x"', "工单"])
def test_any_other_text_is_as_it_was(text: str) -> None:
    assert cells(text) == [text]


def test_numbers_stay_numbers_below_nothing_too() -> None:
    assert cells(Decimal("-0.000000001"), Decimal("0E-9"), -3, None) == ["-0.000000001", "0.000000000", "-3", ""]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_no_cell_begins_as_a_formula_whatever_is_in_it(texts: list[str]) -> None:
    written = cells(*texts)
    assert [cell.removeprefix("'") for cell in written] == [text.removeprefix("'") for text in texts]
    assert not any(cell[:1] in set("=+-@\t\r\n") for cell in written)
