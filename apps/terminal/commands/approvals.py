"""Approvals: what waits for a person, and their decision. Clients of the API."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from apps.terminal import place
from apps.terminal.client import Client
from apps.terminal.console import Console, table
from apps.terminal.exits import OK, USAGE, TerminalError

Json = dict[str, Any]
LIST = "/api/v2/approvals"


def approvals(arguments: argparse.Namespace, console: Console) -> int:
    """List what waits, or show one with what it is about."""
    client = Client(place.address())
    if arguments.id is not None:
        found = client.get(f"{LIST}/{arguments.id}")
        if arguments.json:
            console.json(found)
        else:
            console.data("\n".join(_lines(found)))
        return OK
    page = client.get(f"{LIST}?whose={'anybody' if arguments.all else 'me'}&page_size=200")
    if arguments.json:
        console.json(page)
    elif page["results"]:
        rows = [_row(one) for one in page["results"]]
        console.data(table([("ID", "ORDER", "TASK", "SINCE (UTC)", "AGREED", "WHAT IS ASKED"), *rows]))
        console.say("bin/nexus approvals <id> shows what it is about")
    else:
        console.say("nothing waits" if arguments.all else "nothing waits for you")
    return OK


def approve(arguments: argparse.Namespace, console: Console) -> int:
    """Approve what is asked, or what is given in its place."""
    content = _content(arguments.content)
    return _decide("approve" if content is None else "edit_and_approve", content, arguments, console)


def revise(arguments: argparse.Namespace, console: Console) -> int:
    """Send it back with a reason."""
    return _decide("revise", None, arguments, console)


def reject(arguments: argparse.Namespace, console: Console) -> int:
    """Refuse it with a reason."""
    return _decide("reject", None, arguments, console)


def respond(arguments: argparse.Namespace, console: Console) -> int:
    """Answer what is asked."""
    return _decide("respond", None, arguments, console)


def _decide(decision: str, content: Json | None, arguments: argparse.Namespace, console: Console) -> int:
    client, at = Client(place.address()), f"{LIST}/{arguments.id}"
    # Without --hash it is decided about what stands there now; with it, about what was seen.
    body = {"decision": decision, "hash": arguments.hash or client.get(at)["hash"]}
    if arguments.reason:
        body["reason"] = sys.stdin.read() if arguments.reason == "-" else arguments.reason
    decided = client.act(f"{at}/decide", body if content is None else {**body, "content": content})
    if arguments.json:
        console.json(decided)
    else:
        waits = f" ({decided['votes']} of {decided['quorum']} agreed)" if decided["state"] == "waiting" else ""
        console.data(f"{decided['id']}  {decided['state']}{waits}")
    return OK


def _content(text: str | None) -> Json | None:
    if text is None:
        return None
    try:
        found = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise TerminalError(f"--content is not JSON: {error}", code=USAGE) from None
    if not isinstance(found, dict):
        raise TerminalError("--content is one JSON object", code=USAGE)
    return found


def _row(one: Json) -> tuple[str, ...]:
    since = one["asked_at"][:16].replace("T", " ")
    asked = " ".join(one["message"].split())
    return (str(one["id"]), one["order"], one["task"], since, f"{one['votes']} of {one['quorum']}", asked[:60])


def _lines(found: Json) -> list[str]:
    who = ", ".join(found["approvers"]) or "owners and editors of the project"
    decided = f" by {found['decided_by'] or 'time'}" if found["decided_at"] else ""
    facts: list[tuple[str, ...]] = [
        ("approval", f"{found['id']}  {found['state']}{decided}"),
        ("order", f"{found['order']}  {found['task']}"),
        ("asked", found["message"]),
        ("of", f"{who}; {found['votes']} of {found['quorum']} agreed"),
        ("may be", ", ".join(found["allows"])),
        ("until", f"{found['expires_at']}, then {found['on_timeout']}" if found["expires_at"] else "any time"),
        ("hash", found["hash"]),
        *((said["actor"] or "time", f"{said['decision']} {said['reason']}".rstrip()) for said in found["said"]),
    ]
    return [table(facts), "", json.dumps(found["content"], ensure_ascii=False, indent=2)]
