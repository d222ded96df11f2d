"""Orders: run, submit, watch, show, ls, and what people may tell them. Every one a client of the API."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

from apps.terminal import attached, background, place, tree, uses
from apps.terminal.client import Client, order_path
from apps.terminal.commands.budgets import short
from apps.terminal.console import Console, table
from apps.terminal.deciding import question_of, what_is_needed
from apps.terminal.exits import INTERRUPTED, OK, USAGE, WAITS_FOR_A_PERSON, TerminalError, of_order
from apps.terminal.following import feed_of, follow, report
from apps.terminal.place import Address

Json = dict[str, Any]


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Start what is not running, file an order, follow it, print what it delivers, stop what was started."""
    body, files, stops = _body(arguments), attached.read(arguments.attach), False
    with contextlib.ExitStack() as held:
        if place.environ().get("NEXUS_URL"):
            client = Client(place.address())
        else:
            found = held.enter_context(background.stack(place.home(), console=console))
            client = Client(Address(str(found.addresses["web_url"]), str(found.addresses["api_key"])))
            stops = found.while_used
        order = _file(client, attached.along(client, body, files))
        try:
            order = follow(client, order["id"], console=console, until_blocked=True, timeout=arguments.timeout)
        except KeyboardInterrupt:
            console.say(f"\n{order['id']} is kept and goes on when Nexus runs again: bin/nexus watch {order['id']}")
            return INTERRUPTED
        code = _hand_out(client, order, arguments, console)
        if code == WAITS_FOR_A_PERSON and stops:
            console.say(f"Nexus stops with this command and keeps {order['id']}: bin/nexus up starts it again")
        return code


def submit(arguments: argparse.Namespace, console: Console) -> int:
    """File an order and print its id."""
    body, files, client = _body(arguments), attached.read(arguments.attach), Client(place.address())
    order = _file(client, attached.along(client, body, files))
    if arguments.json:
        console.json(order)
    else:
        console.data(order["id"])
        console.say(f"bin/nexus watch {order['id']} follows it")
    return OK


def quote(arguments: argparse.Namespace, console: Console) -> int:
    """Print what a request would cost; nothing is filed."""
    found = Client(place.address()).act("/api/v2/quotes", {"message": _words(arguments.request)})
    if arguments.json:
        console.json(found)
        return OK
    console.data(f"about {short(found['p50_usd'])}, at most {short(found['p90_usd'])} in nine of ten")
    grounds = "from the list price: too few orders like it were done here yet"
    if found["basis"] == "history":
        grounds = f"from {found['samples']} orders like it that were done here"
    console.say(f"{found['difficulty']}, {found['intent'].replace('_', ' ')}, for the {found['owner_role']}; {grounds}")
    return OK


def watch(arguments: argparse.Namespace, console: Console) -> int:
    """Follow an order. Ctrl-C leaves it running."""
    client = Client(place.address())
    try:
        order = follow(
            client, arguments.id, console=console, until_blocked=arguments.no_block, timeout=arguments.timeout
        )
    except KeyboardInterrupt:
        console.say(f"\n{arguments.id} goes on. Look again: bin/nexus watch {arguments.id}")
        return INTERRUPTED
    return _hand_out(client, order, arguments, console)


def show(arguments: argparse.Namespace, console: Console) -> int:
    """Show an order, or the canvases that carried it."""
    client = Client(place.address())
    if arguments.canvas:
        canvases = client.get(order_path(arguments.id, "/canvases"))["results"]
        if arguments.json:
            console.json({"id": arguments.id, "canvases": canvases})
        else:
            console.data("\n".join(_canvas(canvas) for canvas in canvases) or "no canvas was laid yet")
        return OK
    order = client.get(order_path(arguments.id))
    if arguments.json:
        console.json(report(client, order))
        return OK
    used = uses.of(feed_of(client, order))
    shown = tree.Shown(now=datetime.now(UTC), columns=console.columns() - 1, written={}, used=used)
    console.data("\n".join(tree.lines(order, shown)))
    if waiting := [f"  {task['key']}: {task['waiting_for']}" for task in order["tasks"] if task["waiting_for"]]:
        console.data("\n".join(["\nWhat does not move, and why:", *waiting]))
    if question := question_of(order):
        console.data(f"\nIt asks: {question}")
    if order["deliverable"]:
        console.data(f"\n{order['deliverable']['text'].rstrip()}")
    return OK


def ls(arguments: argparse.Namespace, console: Console) -> int:
    """List the newest orders."""
    if not 1 <= arguments.limit <= 200:
        raise TerminalError("--limit is 1 to 200", code=USAGE)
    page = Client(place.address()).get(f"/api/v2/work-orders?page_size={arguments.limit}")
    if arguments.json:
        console.json(page)
        return OK
    orders = page["results"]
    rows = [
        (order["id"], order["status"].replace("_", " "), order["created_at"][:16].replace("T", " "),
         tree.dollars(order["cost_usd"]), " ".join(order["message"].split())[:60])
        for order in orders
    ]  # fmt: skip
    if rows:
        console.data(table([("ID", "STATUS", "SINCE (UTC)", "COST", "REQUEST"), *rows]))
    else:
        console.say('there is no order yet: bin/nexus submit "…"')
    return OK


def cancel(arguments: argparse.Namespace, console: Console) -> int:
    """End an order for good."""
    return _move("cancel", arguments, console)


def pause(arguments: argparse.Namespace, console: Console) -> int:
    """Let nothing new of an order begin."""
    return _move("pause", arguments, console)


def resume(arguments: argparse.Namespace, console: Console) -> int:
    """Let a paused order go on."""
    return _move("resume", arguments, console)


def release(arguments: argparse.Namespace, console: Console) -> int:
    """Let go on what waits for a decision."""
    return _move("release", arguments, console)


def escalate(arguments: argparse.Namespace, console: Console) -> int:
    """Call the next role, or the Board."""
    return _move("escalate", arguments, console)


def redrive(arguments: argparse.Namespace, console: Console) -> int:
    """Drive the dead tasks of an order again."""
    return _move("redrive", arguments, console)


def answer(arguments: argparse.Namespace, console: Console) -> int:
    """Say what an order asked for."""
    return _tell("answer", {"text": _words(arguments.text)}, arguments, console)


def _move(verb: str, arguments: argparse.Namespace, console: Console) -> int:
    return _tell(verb, {"reason": arguments.reason} if arguments.reason else {}, arguments, console)


def _tell(verb: str, body: Json, arguments: argparse.Namespace, console: Console) -> int:
    order = Client(place.address()).act(order_path(arguments.id, f"/{verb}"), body)
    if arguments.json:
        console.json(order)
    else:
        console.data(f"{order['id']}  {order['status'].replace('_', ' ')}")
    return OK


def _words(said: str) -> str:
    return sys.stdin.read() if said == "-" else said


def _body(arguments: argparse.Namespace) -> Json:
    asked = {
        "project": arguments.project,
        "budget_usd": arguments.budget,
        "cap_at_quote": arguments.cap_at_quote or None,
        "priority": arguments.priority,
        "acceptance": [_criterion(said) for said in arguments.accept] or None,
        "tools": arguments.tool or None,
        "files": attached.texts(arguments.file) or None,
    }
    return {"message": _words(arguments.request)} | {name: value for name, value in asked.items() if value is not None}


def _criterion(said: str) -> str | Json:
    """A line, or a check: what begins with a brace is JSON."""
    if not said.lstrip().startswith("{"):
        return said
    try:
        check = json.loads(said)
    except ValueError as error:
        raise TerminalError(f"--accept: no JSON: {error}", code=USAGE) from None
    return dict(check)


def _file(client: Client, body: Json) -> Json:
    return client.post("/api/v2/work-orders", body, key=str(uuid.uuid4()))


def _hand_out(client: Client, order: Json, arguments: argparse.Namespace, console: Console) -> int:
    """Print what the order came to: data to stdout, what is to be done to stderr."""
    deliverable = order["deliverable"]
    if arguments.json:
        console.json(report(client, order))
    elif deliverable:
        console.data(deliverable["text"].rstrip())
    if order["status"] == "blocked":
        reason, hint = what_is_needed(order)
        console.complain(f"{order['id']} waits: {reason}", hint=hint)
    elif order["status"] != "completed":
        console.complain(f"{order['id']} {order['status']}", hint=f"bin/nexus show {order['id']} says why")
    return of_order(order["status"])


def _canvas(canvas: Json) -> str:
    """Return a canvas in one line: what rings together, then what rings after."""
    shape = canvas["shape"]
    rings = [f"{ring['key']} ({ring['queue']})" for ring in shape.get("rings", [])]
    joined = " -> ".join(rings) if canvas["kind"] == "chain" else " + ".join(rings)
    body = shape.get("body")
    then = f" => {body['key']} ({body['queue']})" if body else ""
    return f"{canvas['rung_at']}  {canvas['kind']:<6}  {joined}{then}"
