"""The row of the rubbish: what somebody else, or somebody wicked, may put into a queue."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from tests.chaos.stage import Stage


def _message(body: bytes, *, type: str = "application/json", encoding: str = "utf-8", **headers: Any) -> bytes:
    """A message as kombu writes it, whatever is in it."""
    return json.dumps({
        "body": base64.b64encode(body).decode(), "headers": {"lang": "py"} | headers,
        "content-type": type, "content-encoding": encoding,
        "properties": {
            "delivery_tag": f"poison-{headers}", "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "nexus.agents"},
        },
    }).encode()  # fmt: skip


GHOST = b'[[], {"task": 9999999999, "queue": "nexus.agents"}, {}]'
UNREADABLE = (
    b"this is no JSON",
    b"\xff\xfe\x00",
    b"{}",
    b"[1, 2]",
    b'{"properties": 7}',
    b'{"__type__": "datetime", "__value__": "never"}',
    _message(GHOST, task="nexus.ring"),
    _message(GHOST, task=["nexus.ring"], id="listed"),
    _message(GHOST, task="nexus.ring", id="limited", timelimit=7),
)
"""No JSON, no text, no messages, a type that is none, no id, headers of wrong types."""
POISON = (
    *UNREADABLE,
    _message(b"not json", task="nexus.ring", id="torn"),
    _message(GHOST, task="nexus.ring", id="ghost"),
    _message(b"[[], {}, {}]", task="no.such.task", id="nobody"),
    _message(b"[[], {}, {}]", task="nexus.ring", id="empty"),
    _message(b'[[], {"task": "one", "queue": 7}, {}]', task="nexus.ring", id="wrong"),
    _message(GHOST, task="nexus.ring", id="early", eta="tomorrow"),
    _message(GHOST, task="nexus.ring", id="pickled", type="application/x-python-serialize", encoding="binary"),
)
"""And: a torn body, a task that is none, a type that is none, wrong arguments, a time that is none, a pickle."""


def poisoned(stage: Stage) -> str:
    """Row 40: raw rubbish in a queue."""
    process = stage.nexus.running["agents"]
    with stage.nexus.redis() as client:
        for message in (*POISON, b"x" * 10_000_000):
            client.lpush("nx:nexus.agents", message)
        began = time.monotonic()
        run = stage.nexus.submit("test.echo")
        filed = stage.file(1)
        stage.run_done(run)
        stage.finished(filed)
        took = time.monotonic() - began
        left = client.llen("nx:nexus.agents")
        aside = client.lrange("nx:nexus.undeliverable", 0, -1)
        client.delete("nx:nexus.undeliverable")
    assert process._popen.poll() is None, "the worker died of it"
    assert left == 0, f"{left} messages are still in the queue"
    missing = {*UNREADABLE, b"x" * 4096} - set(aside)
    assert not missing, f"not put aside: {sorted(one[:40] for one in missing)}"
    return (
        f"{len(POISON) + 1} messages taken off the queue, {len(aside)} of them put aside as unreadable; "
        f"the same worker did its work in {took:.1f} s"
    )
