"""`manage.py reconcile FILE.csv`: a provider's bill beside the ledger."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import ModelRequest
from billing import bill_files, bills, money
from billing.bill_files import BadFile
from billing.bills import Comparison, Gap

WORDS = {
    "not_ours": "billed by the provider, not in the ledger",
    "not_theirs": "in the ledger, not on the bill",
    "differs": "differs",
}


class Command(BaseCommand):
    """Name every gap between a bill and the ledger; exit 1 when there is one, 2 when the file cannot be read."""

    help = "Compare a provider's usage export with the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and how to read it."""
        parser.add_argument("file", help="CSV; - reads it from stdin")
        parser.add_argument("--column", action="append", default=[], metavar="NAME=HEAD", help="which column is which")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="a day in UTC")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="a day in UTC")
        parser.add_argument(
            "--tolerance", type=_amount, default=money.ZERO, metavar="USD", help="differences up to it agree"
        )
        parser.add_argument("--book", action="store_true", help="adjust what differs to the bill")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, book where asked to, and say what came of it."""
        try:
            bill = bill_files.read(_lines(options["file"]), named=_named(options["column"]))
            found = bills.compare(
                bill, resolve=ours_of, first=options["first"], last=options["last"], tolerance=options["tolerance"]
            )
            found = bills.book(found) if options["book"] else found
        except (BadFile, OSError, UnicodeDecodeError) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self.stdout.write(json.dumps(_wire(found)) if options["json"] else _text(found))
        if not found.agrees:
            sys.exit(1)


def ours_of(theirs: Collection[str]) -> Mapping[str, UUID]:
    """From the provider's ids of requests to ours."""
    known = ModelRequest.objects.filter(provider_request_id__in=theirs).order_by("created_at")
    return {str(name): request_id for name, request_id in known.values_list("provider_request_id", "pk")}


def _lines(file: str) -> list[str]:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    return text.splitlines(keepends=True)


def _named(columns: list[str]) -> dict[str, str]:
    if wrong := [one for one in columns if "=" not in one]:
        raise BadFile(f"{wrong[0]!r} is not NAME=HEAD")
    return {name.strip(): head for name, _, head in (one.partition("=") for one in columns)}


def _amount(text: str) -> Decimal:
    return money.usd(text)


def _wire(found: Comparison) -> dict[str, object]:
    return {
        "agrees": found.agrees,
        "compared": found.compared,
        "ours_usd": money.text(found.ours),
        "theirs_usd": money.text(found.theirs),
        "gaps": [gap.wire() for gap in found.gaps],
    }


def _text(found: Comparison) -> str:
    sums = f"{found.compared} compared; ours {money.short(found.ours)}, theirs {money.short(found.theirs)}"
    left = sum(not gap.booked for gap in found.gaps)
    verdict = "the books agree" if found.agrees else f"{left} gaps"
    return "\n".join([*(_line(gap) for gap in found.gaps), f"{sums}: {verdict}"])


def _line(gap: Gap) -> str:
    amounts = " / ".join("–" if amount is None else money.short(amount) for amount in (gap.ours, gap.theirs))
    tokens = "".join(f"  {name} {ours} / {theirs}" for name, (ours, theirs) in gap.tokens.items())
    return (
        f"{gap.of}  {gap.model}  {WORDS[gap.kind]}: ours / theirs {amounts}{tokens}{'  booked' if gap.booked else ''}"
    )
