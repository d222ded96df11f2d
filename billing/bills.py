"""Compare a provider's bill with the ledger: every gap is named, and what differs can be put right by adjustments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db.models import Max, Min, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing import ledger, money, prices
from billing.bill_files import COUNTS, BadFile, Billed
from billing.models import LedgerEntry, Price
from billing.prices import Usage
from nexus.transactions import opens_transaction

Kind = Literal["not_ours", "not_theirs", "differs"]
Resolve = Callable[[Collection[str]], Mapping[str, UUID]]
"""From the ids of a provider to ours, for those that are known."""
BATCH = 5_000
NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing that the two books do not agree on."""

    kind: Kind
    of: str
    """A request's id, ours where it is known; or a day and a model."""
    model: str
    ours: Decimal | None
    theirs: Decimal | None
    tokens: Mapping[str, tuple[int, int]]
    """Kind of token -> ours and theirs, where they differ."""
    booked: bool = False

    def wire(self) -> dict[str, object]:
        """As JSON has it."""
        amounts = {"ours_usd": self.ours, "theirs_usd": self.theirs}
        shown = {name: None if amount is None else money.text(amount) for name, amount in amounts.items()}
        tokens = {name: {"ours": ours, "theirs": theirs} for name, (ours, theirs) in self.tokens.items()}
        return {"kind": self.kind, "of": self.of, "model": self.model, **shown, "tokens": tokens, "booked": self.booked}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of it."""

    compared: int
    """Requests, or days of a model, that both books have."""
    ours: Decimal
    theirs: Decimal
    gaps: Sequence[Gap]
    is_by_day: bool = False

    @property
    def agrees(self) -> bool:
        """Do the books agree, with what was booked just now?"""
        return all(gap.booked for gap in self.gaps)


@dataclass(frozen=True, kw_only=True)
class _Booked:
    """What the ledger has of one thing."""

    name: str
    model: str
    amount: Decimal
    tokens: Mapping[str, int]
    price_id: int | None = None
    at: datetime | None = None
    provider: str = ""


def compare(
    bill: Sequence[Billed], *, resolve: Resolve, first: date | None = None, last: date | None = None,
    tolerance: Decimal = money.ZERO,
) -> Comparison:  # fmt: skip
    """Compare `bill` with the ledger from `first` to `last`, days in UTC; without them, over the bill's own time.

    What is ours and missing in the bill is looked for in that time, among the providers that the bill is of. A request
    that has cost nothing is on no bill and is not missed. Amounts that differ by no more than `tolerance` agree.
    """
    if any(line.date for line in bill):
        return _by_day(bill, tolerance=tolerance)
    return _by_request(bill, resolve=resolve, first=first, last=last, tolerance=tolerance)


def book(found: Comparison) -> Comparison:
    """Adjust the ledger to the bill where a request differs. Done twice it is done once."""
    if found.is_by_day:
        raise BadFile("Only a bill by request can be booked: a day names no request")
    return replace(found, gaps=[_put_right(gap) if gap.kind == "differs" else gap for gap in found.gaps])


def _by_request(
    bill: Sequence[Billed], *, resolve: Resolve, first: date | None, last: date | None, tolerance: Decimal
) -> Comparison:
    named = {UUID(line.request_id): line for line in bill if _is_uuid(line.request_id)}
    others = {line.request_id: line for line in bill if not _is_uuid(line.request_id)}
    for batch in _batches(list(others)):
        for theirs, ours in resolve(batch).items():
            line = others.pop(theirs)
            named[ours] = named[ours].plus(line) if ours in named else line
    booked = _booked(named)
    gaps = [_only_theirs(line.request_id, line) for line in others.values()]
    gaps += [_only_theirs(str(request_id), line) for request_id, line in named.items() if request_id not in booked]
    common = [(booked[request_id], line) for request_id, line in named.items() if request_id in booked]
    gaps += [gap for ours, line in common if (gap := _differs(ours, line, tolerance))]
    missing = _missing(booked, named, first=first, last=last)
    gaps += [_gap("not_theirs", ours, theirs=None) for ours in missing]
    return _comparison(common, missing, [*others.values(), *named.values()], gaps)


def _by_day(bill: Sequence[Billed], *, tolerance: Decimal) -> Comparison:
    days = {line.date for line in bill if line.date}
    begin = datetime.combine(min(days), time(), tzinfo=UTC)
    end = datetime.combine(max(days) + timedelta(days=1), time(), tzinfo=UTC)
    entries = LedgerEntry.objects.filter(at__gte=begin, at__lt=end).annotate(utc_day=TruncDate("at", tzinfo=UTC))
    ours = {
        (row["utc_day"], row["model"]): _of(row, name=f"{row['utc_day']} {row['model']}")
        for row in entries.order_by().values("utc_day", "model").annotate(**_sums())
    }
    theirs = {(line.date, line.model): line for line in bill}
    gaps = [_only_theirs(f"{day} {model}", line) for (day, model), line in theirs.items() if (day, model) not in ours]
    common = [(ours[key], line) for key, line in theirs.items() if key in ours]
    gaps += [gap for one, line in common if (gap := _differs(one, line, tolerance))]
    missing = [one for key, one in sorted(ours.items()) if key not in theirs and one.amount]
    gaps += [_gap("not_theirs", one, theirs=None) for one in missing]
    return replace(_comparison(common, missing, list(theirs.values()), gaps), is_by_day=True)


def _comparison(
    common: list[tuple[_Booked, Billed]], missing: list[_Booked], theirs: list[Billed], gaps: list[Gap]
) -> Comparison:
    return Comparison(
        compared=len(common),
        ours=sum((one.amount for one in (*(ours for ours, _ in common), *missing)), money.ZERO),
        theirs=sum((line.cost_usd or money.ZERO for line in theirs), money.ZERO),
        gaps=gaps,
    )


def _booked(ids: Collection[UUID]) -> dict[UUID, _Booked]:
    found: dict[UUID, _Booked] = {}
    for batch in _batches(list(ids)):
        found |= _by_id(LedgerEntry.objects.filter(request_id__in=batch))
    return found


def _missing(
    booked: Mapping[UUID, _Booked], named: Collection[UUID], *, first: date | None, last: date | None
) -> list[_Booked]:
    """What we have in the bill's time, of the bill's providers, that the bill has not."""
    times = sorted(one.at for one in booked.values() if one.at)
    if not times:
        return []
    begin = datetime.combine(first, time(), tzinfo=UTC) if first else times[0]
    end = datetime.combine(last, time(), tzinfo=UTC) + timedelta(days=1) if last else times[-1] + NEXT
    charges = LedgerEntry.objects.filter(kind="CHARGE", at__gte=begin, at__lt=end)
    ours = charges.filter(provider__in={one.provider for one in booked.values()}).order_by("at", "id")
    others = [one for one in ours.values_list("request_id", flat=True) if one not in named]
    return [one for one in _booked(others).values() if one.amount]


def _by_id(entries: QuerySet[LedgerEntry]) -> dict[UUID, _Booked]:
    rows = entries.order_by().values("request_id", "model", "provider")
    summed = rows.annotate(first=Min("at"), price_id_=Max("price_id"), **_sums()).order_by("first", "request_id")
    return {row["request_id"]: _of(row, name=str(row["request_id"])) for row in summed}


def _sums() -> dict[str, Any]:
    return {"amount_": Sum("amount"), **{f"{name}_": Sum(name) for name in COUNTS}}


def _of(row: Mapping[str, Any], *, name: str) -> _Booked:
    return _Booked(
        name=name, model=row["model"], amount=row["amount_"], tokens={kind: row[f"{kind}_"] for kind in COUNTS},
        price_id=row.get("price_id_"), at=row.get("first"), provider=row.get("provider", ""),
    )  # fmt: skip


def _differs(ours: _Booked, line: Billed, tolerance: Decimal) -> Gap | None:
    said = {name: getattr(line, name) for name in COUNTS if getattr(line, name) is not None}
    tokens = {name: (ours.tokens[name], count) for name, count in said.items() if count != ours.tokens[name]}
    apart = line.cost_usd is not None and abs(money.usd(line.cost_usd) - ours.amount) > tolerance
    if not apart and (not tokens or line.cost_usd is not None):
        return None  # the amounts agree: how a provider splits tokens into kinds is its own affair
    theirs = line.cost_usd if line.cost_usd is not None else _priced(ours, said)
    return replace(_gap("differs", ours, theirs=theirs), tokens=tokens)


def _priced(ours: _Booked, said: Mapping[str, int]) -> Decimal | None:
    """What these tokens cost at the price that was booked; None where a day had several."""
    price = None if ours.price_id is None else Price.objects.get(pk=ours.price_id)
    return None if price is None else prices.cost(price, Usage(**{**ours.tokens, **said}))


def _gap(kind: Kind, ours: _Booked, *, theirs: Decimal | None) -> Gap:
    return Gap(kind=kind, of=ours.name, model=ours.model, ours=ours.amount, theirs=theirs, tokens={})


def _only_theirs(name: str, line: Billed) -> Gap:
    return Gap(kind="not_ours", of=name, model=line.model, ours=None, theirs=line.cost_usd, tokens={})


@opens_transaction
def _put_right(gap: Gap) -> Gap:
    request_id = UUID(gap.of)
    lines = LedgerEntry.objects.filter(request_id=request_id)
    booked = lines.aggregate(**{name: Sum(name) for name in COUNTS})
    usage = Usage(**{**booked, **{name: theirs for name, (_, theirs) in gap.tokens.items()}})
    amount = gap.theirs if gap.theirs is not None else money.ZERO
    ledger.adjust(request_id=request_id, amount=amount, quality="reported", usage=usage)
    return replace(gap, booked=True)


def _batches(ids: list[Any]) -> Iterable[list[Any]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
