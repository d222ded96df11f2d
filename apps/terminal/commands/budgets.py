"""`budget`: what may be spent, `budget waiting`: what waits for more, and `budget set` to change it."""

from __future__ import annotations

import argparse
from decimal import ROUND_CEILING, Decimal, InvalidOperation
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
_USAGE = "bin/nexus budget, budget waiting, budget show KIND KEY, or budget set KIND KEY USD (USD may be none)"
_SHOWN = ("total", "used", "reserved", "remaining", "predicted_total", "predicted_overrun")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List budgets, or set one."""
    match arguments.words:
        case []:
            return _list(arguments, console)
        case ["waiting"]:
            return _waiting(arguments, console)
        case ["show", kind, key] if kind in KINDS:
            return _show(kind, key, arguments, console)
        case ["set", kind, key, amount] if kind in KINDS:
            return _set(kind, key, _amount(amount), arguments, console)
        case ["show", kind, _] | ["set", kind, _, _]:
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


def _waiting(arguments: argparse.Namespace, console: Console) -> int:
    page = Client(place.address()).get(f"{PATH}/waiting")
    if arguments.json:
        console.json(page)
    elif page["results"]:
        heads = ("KIND", "KEY", "LIMIT", "SPENT", "RESERVED", "NEEDED", "TASKS", "SINCE (UTC)")
        console.data(table([heads, *map(_waiting_row, page["results"])]))
        for one in page["results"]:
            console.say(_way_out(one))
    else:
        console.say("nothing waits for money")
    return OK


def _waiting_row(one: Json) -> tuple[str, ...]:
    since = (one["since"] or "")[:16].replace("T", " ")
    return (*_row(one), short(one["needed_usd"]), str(one["tasks"]), since)


def _way_out(one: Json) -> str:
    if one["going_on"]:
        return f"{one['kind']} {one['key']}: it was raised, and what waits goes on as calls are settled"
    wanted = Decimal(one["spent_usd"]) + Decimal(one["reserved_usd"]) + Decimal(one["needed_in_all_usd"])
    return f"all of it goes on with: bin/nexus budget set {one['kind']} {one['key']} {_cents_up(wanted)}"


def _cents_up(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_CEILING):f}"


def _show(kind: str, key: str, arguments: argparse.Namespace, console: Console) -> int:
    budget = Client(place.address()).get(_path(kind, key))
    if arguments.json:
        console.json(budget)
        return OK
    percent = "" if budget["usage_percent"] is None else f"  {budget['usage_percent']:g} % used"
    console.data(f"{kind} {key}  {budget['status']}{percent}")
    rows = [(name.replace("_", " "), short(budget[name])) for name in _SHOWN if budget[name] is not None]
    console.data(table([(f"  {name}", amount) for name, amount in rows]))
    return OK


def _path(kind: str, key: str) -> str:
    return f"{PATH}/{kind}/{quote(key, safe='')}"


def _set(kind: str, key: str, limit: str | None, arguments: argparse.Namespace, console: Console) -> int:
    body = {"limit_usd": limit, "reason": arguments.reason}
    budget = Client(place.address()).put(_path(kind, key), body)
    if arguments.json:
        console.json(budget)
        return OK
    console.data("  ".join(_row(budget)))
    console.say("what waited for it goes on by itself, as much as fits: bin/nexus budget waiting")
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
    return (budget["kind"], budget["key"], *("no limit" if amount is None else short(amount) for amount in amounts))


def short(amount: str) -> str:
    """Return all the digits that say something, and at least cents."""
    whole, _, places = amount.partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"
