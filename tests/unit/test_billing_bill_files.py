"""A provider's bill is read whatever its columns are called, or refused with the place."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from billing.bill_files import COLUMNS, BadFile, Billed, read


def bill(text: str, **named: str) -> list[Billed]:
    return read(text.splitlines(keepends=True), named=named)


def test_every_column_is_a_fact_of_a_line() -> None:
    assert {field.name for field in fields(Billed)} == set(COLUMNS)


def test_columns_are_found_by_name_in_any_order_and_case_and_others_are_passed_over() -> None:
    (line,) = bill('\ufeffCOST_USD,workspace, Request_ID ,input_tokens\n$0.25,x,req_1,"1,024"\n')
    assert line == Billed(request_id="req_1", cost_usd=Decimal("0.25"), input_tokens=1024)


def test_a_column_may_be_called_anything_when_it_is_said_which() -> None:
    (line,) = bill("Id,Amount\nreq_1,0.5\n", request_id="id", cost_usd="Amount")
    assert (line.request_id, line.cost_usd) == ("req_1", Decimal("0.5"))


def test_what_stands_in_several_lines_is_added_up() -> None:
    (one, other) = bill("request_id,cost_usd,output_tokens\na,0.1,5\nb,1,1\na,0.2,\n\n")
    assert (one.request_id, one.cost_usd, one.output_tokens) == ("a", Decimal("0.3"), 5)
    assert other.request_id == "b"


def test_a_bill_may_be_by_day_and_model() -> None:
    text = "date,model,cost_usd\n2026-11-21T00:00:00Z,m,1\n2026-11-21,m,2\n2026-11-21,n,3\n2026-11-22,m,4\n"
    assert [(line.date, line.model, line.cost_usd) for line in bill(text)] == [
        (date(2026, 11, 21), "m", 3), (date(2026, 11, 21), "n", 3), (date(2026, 11, 22), "m", 4),
    ]  # fmt: skip


def test_with_ids_the_day_is_passed_over() -> None:
    assert bill("request_id,date,cost_usd\na,yesterday,1\n")[0].date is None


@pytest.mark.parametrize(
    ("text", "named", "why"),
    [
        ("", {}, "empty"), ("model,cost_usd\nm,1\n", {}, "request_id"), ("request_id,model\na,m\n", {}, "cost_usd"),
        ("request_id,cost_usd\na\n", {}, "Line 2"), ("request_id,cost_usd\na,1\nb,dear\n", {}, "Line 3"),
        ("request_id,cost_usd\na,-1\n", {}, "Line 2"), ("request_id,cost_usd\na,NaN\n", {}, "Line 2"),
        ("request_id,input_tokens\na,1.5\n", {}, "Line 2"), ("request_id,input_tokens\na,-3\n", {}, "Line 2"),
        ("date,model,cost_usd\nsoon,m,1\n", {}, "Line 2"), ("request_id,cost_usd\n,1\n", {}, "names no request"),
        ("request_id,cost_usd\n", {"price": "x"}, "no column of a bill"),
        ("request_id,cost_usd\n", {"cost_usd": "Total"}, "'Total'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(text: str, named: dict[str, str], why: str) -> None:
    with pytest.raises(BadFile, match=why):
        bill(text, **named)
