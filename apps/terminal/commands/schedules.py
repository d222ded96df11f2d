"""`schedule`: what files orders by the clock; `add`, `on`, `off`, `fire`, `ticks`, `delete`."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from typing import Any

from apps.terminal import place
from apps.terminal.client import Client
from apps.terminal.console import Console, table
from apps.terminal.exits import NOT_FOUND, OK, USAGE, TerminalError

Json = dict[str, Any]
PATH = "/api/v2/schedules"
_MOST = 200
_USAGE = (
    'bin/nexus schedule, schedule add NAME "30 7 * * mon-fri" "REQUEST", or schedule on|off|fire|ticks|delete ID; '
    "the first characters of an id are enough"
)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List schedules, or do something with one."""
    client = Client(place.address())
    match arguments.words:
        case []:
            return _list(client, arguments, console)
        case ["add", *words] if len(words) == 3:
            return _add(client, words, arguments, console)
        case ["on" | "off" as word, id]:
            return _show(client.send("PATCH", _path(client, id), {"enabled": word == "on"}), arguments, console)
        case ["fire", id]:
            fired = client.post(f"{_path(client, id)}/fire", {}, key=str(uuid.uuid4()))
            console.json(fired) if arguments.json else console.data(str(fired["order"]))
            return OK
        case ["ticks", id]:
            return _ticks(client, id, arguments, console)
        case ["delete", id]:
            client.send("DELETE", _path(client, id))
            console.say("deleted; its orders stay")
            return OK
        case _:
            raise TerminalError("this is no command", code=USAGE, hint=_USAGE)


def _list(client: Client, arguments: argparse.Namespace, console: Console) -> int:
    page = client.get(f"{PATH}?page_size={_MOST}")
    if arguments.json:
        console.json(page)
    elif page["results"]:
        heads = ("ID", "NAME", "CRON", "ZONE", "NEXT (UTC)", "REQUEST")
        console.data(table([heads, *map(_row, page["results"])]))
    else:
        console.say(f"there is no schedule yet: {_USAGE}")
    return OK


def _add(client: Client, words: Sequence[str], arguments: argparse.Namespace, console: Console) -> int:
    name, cron, request = words
    order: Json = {"message": request}
    if arguments.budget is not None:
        order["budget_usd"] = arguments.budget
    body: Json = {"name": name, "cron": cron, "zone": arguments.zone, "order": order}
    if arguments.project:
        body["project"] = arguments.project
    return _show(client.post(PATH, body, key=str(uuid.uuid4())), arguments, console)


def _ticks(client: Client, id: str, arguments: argparse.Namespace, console: Console) -> int:
    page = client.get(f"{_path(client, id)}/ticks?page_size={_MOST}")
    if arguments.json:
        console.json(page)
        return OK
    rows = [(_moment(one["due_at"]), one["outcome"], one["order"] or "", one["why"]) for one in page["results"]]
    console.data(table([("DUE (UTC)", "CAME TO", "ORDER", "WHY"), *rows])) if rows else console.say("none yet")
    return OK


def _path(client: Client, id: str) -> str:
    """The path of the one schedule whose id begins so."""
    wanted = id if id.startswith("sched-") else f"sched-{id}"
    found = [one["id"] for one in client.get(f"{PATH}?page_size={_MOST}")["results"] if one["id"].startswith(wanted)]
    if len(found) != 1:
        many = f"{len(found)} schedules begin with {id!r}" if found else f"there is no schedule {id!r}"
        raise TerminalError(many, code=USAGE if found else NOT_FOUND, hint="bin/nexus schedule lists them")
    return f"{PATH}/{found[0]}"


def _show(one: Json, arguments: argparse.Namespace, console: Console) -> int:
    if arguments.json:
        console.json(one)
    else:
        console.data("  ".join(_row(one)))
    return OK


def _row(one: Json) -> tuple[str, ...]:
    following = _moment(one["next_at"]) if one["enabled"] else "off"
    return (one["id"][:14], one["name"], one["cron"], one["zone"], following, one["order"]["message"][:60])


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")
