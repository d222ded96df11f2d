"""`dead` and `redrive`: what died, told by failure, and driving it again."""

from __future__ import annotations

import argparse
import uuid
from typing import Any

from apps.terminal import group, place
from apps.terminal.client import Client
from apps.terminal.commands import orders
from apps.terminal.console import Console, table
from apps.terminal.exits import OK, USAGE, TerminalError

Json = dict[str, Any]
_SHORT = 12
"""Digits of a fingerprint that a person copies."""


def dead(arguments: argparse.Namespace, console: Console) -> int:
    """List the failures that wait for a person, or show one of them."""
    client = Client(place.address())
    if arguments.group:
        return _one(client, arguments, console)
    page = client.get(group.PATH)
    if arguments.json:
        console.json(page)
        return OK
    rows = [
        (failure["fingerprint"][:_SHORT], str(failure["count"]), ",".join(failure["types"]),
         _moment(failure["last_at"]), _error(failure))
        for failure in page["results"]
    ]  # fmt: skip
    if rows:
        console.data(table([("FAILURE", "TASKS", "TYPE", "LAST (UTC)", "ERROR"), *rows]))
        console.say("bin/nexus redrive --group FAILURE --try-one tries the oldest; without --try-one, all of them")
    else:
        console.say("nothing waits in the dead letters")
    return OK


def redrive(arguments: argparse.Namespace, console: Console) -> int:
    """Drive dead tasks again: of one order, or those that died of one failure."""
    for_groups = bool(arguments.try_one or arguments.rate is not None or arguments.set)
    if bool(arguments.id) == bool(arguments.group):
        raise TerminalError("redrive takes the id of an order, or --group FINGERPRINT", code=USAGE)
    if arguments.id:
        if for_groups:
            raise TerminalError("--try-one, --rate and --set are of --group", code=USAGE)
        return orders.redrive(arguments, console)
    body = {"reason": arguments.reason, **group.changes(arguments.set)}
    if arguments.try_one:
        body["one"] = True
    if arguments.rate is not None:
        body["rate"] = arguments.rate
    client = Client(place.address())
    fingerprint = group.whole(client, arguments.group)
    answer = client.post(f"{group.PATH}/{fingerprint}/redrive", body, key=str(uuid.uuid4()))
    if arguments.json:
        console.json({"fingerprint": fingerprint, **answer})
    else:
        _tell(answer["redriven"], arguments, console)
    return OK


def _tell(driven: int, arguments: argparse.Namespace, console: Console) -> None:
    pace = f", {arguments.rate} a minute" if arguments.rate and not arguments.try_one else ""
    console.data(f"{driven} {'task is' if driven == 1 else 'tasks are'} driven again{pace}")
    if arguments.try_one:
        console.say(f"bin/nexus dead {arguments.group} shows whether it died again")


def _one(client: Client, arguments: argparse.Namespace, console: Console) -> int:
    failure = client.get(f"{group.PATH}/{group.whole(client, arguments.group)}")
    if arguments.json:
        console.json(failure)
        return OK
    console.data(
        f"{failure['fingerprint']}\n{failure['count']} x {','.join(failure['types'])}: {_error(failure, 500)}\n"
    )
    rows = [
        (letter["order"], letter["task"], str(letter["attempts"]), _moment(letter["buried_at"]), _error(letter))
        for letter in failure["letters"]
    ]
    console.data(table([("ORDER", "TASK", "ATTEMPTS", "BURIED (UTC)", "ERROR"), *rows]))
    names = sorted({name for letter in failure["letters"] for name in letter["input"]})
    console.say(
        f"--set takes: role, model, budget, max_attempts, priority{''.join(f', input.{name}' for name in names)}"
    )
    return OK


def _error(told: Json, longest: int = 60) -> str:
    said = str(told["error"].get("message") or told["error"].get("code") or "")
    return " ".join(said.split())[:longest]


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")
