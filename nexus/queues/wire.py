"""What travels: names and shapes. A newer sender may add fields; an older worker ignores them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

RING = "nexus.ring"
"""A doorbell: `{"task": <task id>, "queue": <queue name>, "at": <Unix time>}`. It says look; the database says whether
and what. `at` stands in what a dispatcher has rung itself: for a moment after that it looks often, and need not be
called. In what others have rung it is 0."""

ANSWER = "ok"
"""What every doorbell returns. State is never read from a result."""

_NO_CANVAS = dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))
_HEADERS: dict[str, Any] = {
    "lang": "py",
    "task": RING,
    **dict.fromkeys(("shadow", "eta", "expires", "group", "group_index", "parent_id", "stamped_headers")),
    "retries": 0,
    "timelimit": [None, None],
    "argsrepr": "()",
    "kwargsrepr": "{}",
    "origin": "dispatcher",
    "ignore_result": True,
    "replaced_task_nesting": 0,
    "stamps": {},
}


def doorbell(link: Mapping[str, Any], *, at: float) -> str:
    """One doorbell as kombu puts it on a list: Celery's message protocol 2.

    Celery builds a message for whatever a task may take; this one never differs but in four places, and is most of what
    is sent. https://docs.celeryq.dev/en/stable/internals/protocol.html says what the fields are.
    """
    name, queue = link["id"], link["queue"]
    body = [[], {"task": link["task"], "queue": queue, "at": at}, _NO_CANVAS]
    return json.dumps(
        {
            "body": b64encode(json.dumps(body).encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": _HEADERS | {"id": name, "root_id": name},
            "properties": {
                "correlation_id": name,
                "reply_to": "",
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": queue},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
            },
        }
    )


def ring_id(*, task_id: int, rings: int, part: str = "") -> str:
    """The Celery id of one ringing of one task: the same ringing published twice has one id."""
    return f"{task_id}.{rings}{part}"
