"""chat: a session in the terminal. What is typed is said; the answer is shown while it is written."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from apps.terminal import background, place
from apps.terminal.client import Client
from apps.terminal.console import Console
from apps.terminal.exits import FAILED, OK
from apps.terminal.place import Address

Json = dict[str, Any]
STREAM = {"Accept": "text/event-stream"}


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Begin a session, or go on with one; say each line that comes in, until there is none."""
    with contextlib.ExitStack() as held:
        client = _client(held, console)
        session = arguments.session or _begun(client, arguments)
        console.say(f"{session}: say something; Ctrl-D ends")
        code = OK
        try:
            for line in sys.stdin:
                if line.strip():
                    code = _said(client, session, line.strip(), console, as_json=arguments.json)
        except KeyboardInterrupt:
            console.say("")
        console.say(f"bin/nexus chat --session {session} goes on")
        return code


def _client(held: contextlib.ExitStack, console: Console) -> Client:
    if place.environ().get("NEXUS_URL"):
        return Client(place.address())
    found = held.enter_context(background.stack(place.home(), console=console))
    return Client(Address(str(found.addresses["web_url"]), str(found.addresses["api_key"])))


def _begun(client: Client, arguments: argparse.Namespace) -> str:
    project = {"project": arguments.project} if arguments.project else {}
    body = {"agent_id": arguments.agent, "display_name": "Terminal", **project}
    return str(client.post("/api/v2/sessions", body, key=str(uuid.uuid4()))["data"]["session_id"])


def _said(client: Client, session: str, words: str, console: Console, *, as_json: bool) -> int:
    """Say `words`, show the answer."""
    headers = {**STREAM, "Idempotency-Key": str(uuid.uuid4())}
    code, answer = OK, ""
    with client.stream(f"/api/v2/sessions/{session}/stream", headers, body={"content": words}) as stream:
        for frame in frames(stream):
            if frame["event"] == "error":
                console.complain(str(frame["error"]))
                code = FAILED
            elif frame.get("type") == "text":
                answer += frame["data"]
                _write(frame["data"], shown=not as_json)
            elif frame.get("type") == "text_replace":
                answer = frame["data"]
                _write(f"\n{answer}", shown=not as_json)
    if as_json:
        console.json({"session_id": session, "content": words, "answer": answer})
    else:
        _write("\n", shown=bool(answer))
    return code


def frames(lines: Iterator[bytes] | Any) -> Iterator[Json]:
    """What a stream tells, frame by frame."""
    for line in lines:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def _write(words: str, *, shown: bool) -> None:
    if shown:
        sys.stdout.write(words)
        sys.stdout.flush()
