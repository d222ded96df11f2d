"""`budget`: what may be spent, and `budget set` to change it."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from apps.terminal import place
from apps.terminal.client import Client
from apps.terminal.console import Console, table
from apps.terminal.exits import OK, USAGE, TerminalError

Json = dict[str, Any]
PATH = "/api/v2/budgets"
KINDS = ("order", "project", "role", "day")
_MOST = 200
_USAGE = "bin/nexus budget, or bin/nexus budget set KIND KEY USD (USD may be none)"


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List budgets, or set one."""
    match arguments.words:
        case []:
            return _list(arguments, console)
        case ["set", kind, key, amount] if kind in KINDS:
            return _set(kind, key, _amount(amount), arguments, console)
        case ["set", kind, _, _]:
            raise TerminalError(f"{kind!r} has no budget: {', '.join(KINDS)}", code=USAGE)
        case _:
            raise TerminalError("this is no command", code=USAGE, hint=_USAGE)


def _list(arguments: argparse.Namespace, console: Console) -> int:
    page = Client(place.address()).get(f"{PATH}?page_size={_MOST}")
    if arguments.json:
        console.json(page)
    elif page["results"]:
        heads = ("KIND", "KEY", "LIMIT", "SPENT", "RESERVED")
        console.data(table([heads, *map(_row, page["results"])]))
    else:
        console.say("there is no budget yet")
    if page["next"]:
        console.say(f"the newest {_MOST} are shown; GET {PATH} has them all")
    return OK


def _set(kind: str, key: str, limit: str | None, arguments: argparse.Namespace, console: Console) -> int:
    body = {"limit_usd": limit, "reason": arguments.reason}
    budget = Client(place.address()).put(f"{PATH}/{kind}/{quote(key, safe='')}", body)
    if arguments.json:
        console.json(budget)
        return OK
    console.data("  ".join(_row(budget)))
    if kind == "order":
        console.say(f"if it waits for this budget: bin/nexus release {key}")
    return OK


def _amount(text: str) -> str | None:
    """Return the amount as it was typed: no float comes near it."""
    if text == "none":
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise TerminalError(f"{text!r} is not an amount in USD, nor none", code=USAGE) from None
    if not amount.is_finite() or amount <= 0:
        raise TerminalError("a limit is above 0; none is no limit", code=USAGE)
    return f"{amount:f}"


def _row(budget: Json) -> tuple[str, ...]:
    amounts = (budget["limit_usd"], budget["spent_usd"], budget["reserved_usd"])
    return (budget["kind"], budget["key"], *("no limit" if amount is None else _short(amount) for amount in amounts))


def _short(amount: str) -> str:
    """All the digits that say something, and at least cents."""
    whole, _, places = amount.partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"
