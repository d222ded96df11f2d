"""`costs`: what was spent, in a time, by role, model, project, order or day."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlencode

from apps.terminal import place
from apps.terminal.client import Client
from apps.terminal.commands.budgets import short
from apps.terminal.console import Console, table
from apps.terminal.exits import OK

Json = dict[str, Any]
PATH = "/api/v2/costs"
PERIODS = ("today", "week", "month", "all")
BY = ("role", "model", "project", "order", "day")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the costs as a table, as CSV or as JSON."""
    asked = {"period": arguments.period, "by": arguments.by}
    query = urlencode(asked | ({"project": arguments.project} if arguments.project else {}))
    client = Client(place.address())
    if arguments.csv:
        with client.stream(f"{PATH}.csv?{query}", {}) as answer:
            console.data(answer.read().decode().rstrip("\r\n"))
        return OK
    found = client.get(f"{PATH}?{query}")
    if arguments.json:
        console.json(found)
        return OK
    rows = [_row(row["key"] or "–", row) for row in found["results"]]
    heads = (arguments.by.upper(), "COST", "ESTIMATED", "REQUESTS", "TOKENS IN", "TOKENS OUT")
    console.data(table([heads, *rows, _row("all", found["total"])]))
    if found["cut"]:
        console.say(f"the dearest {len(found['results'])} are shown; all counts them too")
    return OK


def _row(name: str, row: Json) -> tuple[str, ...]:
    counts = (str(row["requests"]), str(row["input_tokens"]), str(row["output_tokens"]))
    return (name, short(row["cost_usd"]), short(row["estimated_usd"]), *counts)
