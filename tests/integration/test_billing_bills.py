"""A provider's bill beside the ledger: every gap is named, and what differs can be booked."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from agents.models import ModelCall, ModelRequest
from billing import pricebook
from billing.models import LedgerEntry
from billing.prices import Usage
from tests.support.spending import adjusted, budget, charged, check_books, reserved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


def booked(amount: str, **given) -> UUID:
    request = reserved("5")
    charged(request, amount, **given)
    return request


def reconciled(tmp_path, text: str, *options: str) -> tuple[int, dict]:
    """The exit code and what was said."""
    file, out = tmp_path / "bill.csv", io.StringIO()
    file.write_text(text, encoding="utf-8")
    code = 0
    try:
        call_command("reconcile", str(file), "--json", *options, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def gaps(said: dict) -> list[tuple]:
    return sorted((gap["kind"], gap["of"], gap["ours_usd"], gap["theirs_usd"]) for gap in said["gaps"])


def test_books_that_agree_end_with_0(tmp_path):
    one, other = booked("0.25"), booked("1")
    free = booked("0", quality="reported", usage=Usage(input_tokens=0, output_tokens=0))
    code, said = reconciled(tmp_path, f"request_id,cost_usd\n{one},0.25\n{other},0.6\n{other},0.4\n")
    assert (code, said) == (
        0,
        {"agrees": True, "compared": 2, "ours_usd": "1.250000000", "theirs_usd": "1.250000000", "gaps": []},
    )
    assert LedgerEntry.objects.filter(request_id=free).exists(), "what cost nothing is on no bill, and is not missed"


def test_every_gap_is_named(tmp_path):
    dear, missing, last = booked("0.25"), booked("0.5"), booked("1")
    strange = uuid4()
    text = f"request_id,cost_usd\n{dear},0.3\n{last},1\n{strange},2\nreq_unknown,3\n"
    code, said = reconciled(tmp_path, text)
    assert (code, said["agrees"], said["compared"]) == (1, False, 2)
    assert gaps(said) == sorted(
        [
            ("differs", str(dear), "0.250000000", "0.300000000"), ("not_theirs", str(missing), "0.500000000", None),
            ("not_ours", str(strange), None, "2.000000000"), ("not_ours", "req_unknown", None, "3.000000000"),
        ]
    )  # fmt: skip
    assert (said["ours_usd"], said["theirs_usd"]) == ("1.750000000", "6.300000000")
    assert not LedgerEntry.objects.filter(kind="ADJUST").exists(), "nothing is booked unless asked"


def test_what_differs_is_booked_once_and_the_budgets_follow(tmp_path):
    request = booked("0.25", quality="estimated")
    text = f"request_id,cost_usd,input_tokens,output_tokens\n{request},0.3,1200,100\n"
    code, said = reconciled(tmp_path, text, "--book")
    assert (code, said["agrees"]) == (0, True)
    assert said["gaps"][0]["booked"] is True
    assert said["gaps"][0]["tokens"] == {"input_tokens": {"ours": 1000, "theirs": 1200}}
    line = LedgerEntry.objects.get(kind="ADJUST")
    assert (line.amount, line.quality, line.input_tokens, line.output_tokens) == (Decimal("0.05"), "reported", 200, 0)
    assert budget().spent == Decimal("0.3")
    check_books()
    assert reconciled(tmp_path, text, "--book")[1]["gaps"] == []
    assert LedgerEntry.objects.count() == 2


def test_what_nobody_can_book_stays_a_gap(tmp_path):
    dear = booked("0.25")
    code, said = reconciled(tmp_path, f"request_id,cost_usd\n{dear},0.3\n{uuid4()},2\n", "--book")
    assert (code, [gap["booked"] for gap in said["gaps"]]) == (1, [False, True])


def test_a_line_that_was_put_right_before_is_compared_as_it_is_now(tmp_path):
    request = booked("0.25", quality="estimated")
    adjusted(request, "0.3")
    assert reconciled(tmp_path, f"request_id,cost_usd\n{request},0.3\n")[0] == 0


def test_a_providers_own_ids_are_known(tmp_path):
    request = booked("0.25")
    call = ModelCall.objects.create(
        task_id=1, step=1, input_hash="h", run_id=1, task_key="k", project="acme", order="WO-1", role="ceo"
    )
    ModelRequest.objects.create(
        id=request, call=call, number=1, fence=1, provider="anthropic", model="m", role="ceo", max_cost=1,
        price=pricebook.Price.objects.first(), max_input_tokens=1, max_output_tokens=1, provider_request_id="req_abc",
    )  # fmt: skip
    code, said = reconciled(
        tmp_path, "Request,USD\nreq_abc,0.25\n", "--column", "request_id=Request", "--column", "cost_usd=USD"
    )
    assert (code, said["compared"]) == (0, 1)


def test_where_there_is_no_amount_the_tokens_are_compared_at_our_price(tmp_path):
    request = booked("0.006", usage=Usage(input_tokens=1000, output_tokens=100))
    text = "request_id,input_tokens,output_tokens\n"
    assert reconciled(tmp_path, f"{text}{request},1000,100\n")[0] == 0
    code, said = reconciled(tmp_path, f"{text}{request},1000,200\n")
    assert (code, gaps(said)) == (1, [("differs", str(request), "0.006000000", "0.008000000")])


def test_small_differences_agree_when_they_are_said_to(tmp_path):
    request = booked("0.2500004")
    text = f"request_id,cost_usd\n{request},0.25\n"
    assert reconciled(tmp_path, text)[0] == 1
    assert reconciled(tmp_path, text, "--tolerance", "0.000001")[0] == 0


def test_what_is_missing_is_looked_for_in_the_time_that_is_named(tmp_path):
    on_it, _ = booked("0.25"), booked("0.5")
    text = f"request_id,cost_usd\n{on_it},0.25\n"
    assert reconciled(tmp_path, text)[0] == 0, "the bill ends before it"
    day = LedgerEntry.objects.last().at.date().isoformat()
    assert reconciled(tmp_path, text, "--from", day, "--to", day)[0] == 1
    assert reconciled(tmp_path, text, "--from", "2026-01-01", "--to", "2026-01-02")[0] == 0


def test_another_providers_lines_are_not_missed(tmp_path):
    first, _, last = booked("0.25"), booked("0.5", provider="local"), booked("1")
    assert reconciled(tmp_path, f"request_id,cost_usd\n{first},0.25\n{last},1\n")[0] == 0


def test_a_bill_by_day_names_days_and_books_nothing(tmp_path):
    booked("0.25")
    booked("0.5")
    booked("1", model="claude-haiku-5-5")
    day = LedgerEntry.objects.first().at.date().isoformat()
    text = f"date,model,cost_usd\n{day},claude-opus-5-5,0.75\n{day},gpt-9,7\n"
    code, said = reconciled(tmp_path, text)
    assert code == 1
    assert gaps(said) == [
        ("not_ours", f"{day} gpt-9", None, "7.000000000"),
        ("not_theirs", f"{day} claude-haiku-5-5", "1.000000000", None),
    ]  # fmt: skip
    dearer = f"date,model,cost_usd\n{day},claude-opus-5-5,0.8\n{day},claude-haiku-5-5,1\n"
    assert gaps(reconciled(tmp_path, dearer)[1]) == [
        ("differs", f"{day} claude-opus-5-5", "0.750000000", "0.800000000")
    ]
    with pytest.raises(CommandError, match="by request") as refused:
        reconciled(tmp_path, dearer, "--book")
    assert refused.value.returncode == 2


@pytest.mark.parametrize(("text", "options"), [("nothing\n", ()), ("request_id,cost_usd\na,1\n", ("--column", "x"))])
def test_a_file_that_cannot_be_read_ends_with_2(tmp_path, text, options):
    with pytest.raises(CommandError) as refused:
        reconciled(tmp_path, text, *options)
    assert refused.value.returncode == 2


def test_for_people_each_gap_is_a_line(tmp_path):
    request, out = booked("0.25"), io.StringIO()
    (tmp_path / "bill.csv").write_text(f"request_id,cost_usd\n{request},0.3\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("reconcile", str(tmp_path / "bill.csv"), stdout=out)
    assert f"{request}  claude-opus-5-5  differs: ours / theirs $0.25 / $0.30" in out.getvalue()
    assert "1 compared; ours $0.25, theirs $0.30: 1 gaps" in out.getvalue()
