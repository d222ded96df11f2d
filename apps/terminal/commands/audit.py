"""`audit`: who did what, newest first."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlencode

from apps.terminal import place
from apps.terminal.client import Client
from apps.terminal.console import Console, table
from apps.terminal.exits import OK

Json = dict[str, Any]
PATH = "/api/v2/audit"
ASKED = ("order", "actor", "action", "status", "project")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the newest entries."""
    asked = {name: said for name in ASKED if (said := getattr(arguments, name))}
    client = Client(place.address())
    found = client.get(f"{PATH}?{urlencode(asked | {'page_size': max(1, min(arguments.limit, 200))})}")
    if arguments.json:
        console.json(found)
    elif found["results"]:
        heads = ("AT (UTC)", "WHO", "ACTION", "STATUS", "ORDER", "WHY")
        console.data(table([heads, *(_row(one) for one in found["results"])]))
    else:
        console.say("nothing was done yet")
    return OK


def _row(one: Json) -> tuple[str, ...]:
    at = one["at"][:19].replace("T", " ")
    who = f"{one['actor']} ({one['channel']})" if one["channel"] else one["actor"]
    return (at, who, one["action"], one["status"], one["order"] or one["session"] or "–", _why(one["details"])[:60])


def _why(details: Json) -> str:
    told = (details.get(name) for name in ("reason", "error", "wait", "message"))
    found = next((one.get("message") if isinstance(one, dict) else one for one in told if one), "")
    return " ".join(f"{details.get('decision') or ''} {found or ''}".split())
