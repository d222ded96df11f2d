"""Follow an order to its end, or until somebody is needed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .client import Client, order_path
from .console import Console
from .exits import TOOK_TOO_LONG, UNAVAILABLE, TerminalError
from .feed import Feed, Message
from .live import picture
from .uses import Uses

Json = dict[str, Any]
FINAL = frozenset({"completed", "failed", "cancelled"})
#: The order is read again after an event, but not more often than this, and at least as often as that.
_READ_AFTER, _READ_EVERY = 0.25, 5.0
_DRAW_EVERY = 0.2
#: A web process that is started again is waited for this long.
_PATIENCE = 60.0


@dataclass
class _Watched:
    order: Json
    written: Counter[str] = field(default_factory=Counter)
    used: Uses = field(default_factory=Uses)
    is_stale: bool = False
    read_at: float = 0.0

    def take(self, message: Message) -> None:
        if message.kind == "delta":
            self.written[str(message.data.get("task"))] += len(str(message.data.get("delta", "")))
        else:
            self.is_stale = True
            self.used.take(message.data)

    def read(self, client: Client) -> None:
        try:
            self.order = client.get(order_path(self.order["id"]))
        except TerminalError as error:
            if error.code != UNAVAILABLE or time.monotonic() - self.read_at > _PATIENCE:
                raise
        else:
            self.is_stale, self.read_at = False, time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() - self.read_at >= (_READ_AFTER if self.is_stale else _READ_EVERY)


def follow(
    client: Client, public_id: str, *, console: Console, until_blocked: bool, timeout: float | None = None
) -> Json:
    """Show the order until it is final, or blocked where `until_blocked`; return it as it then stands."""
    watched, shown = _Watched(client.get(order_path(public_id))), picture(console)
    feed = Feed(client, public_id, after=0)
    deadline = time.monotonic() + timeout if timeout else None
    watched.read_at = time.monotonic()
    while not _is_over(watched.order, until_blocked=until_blocked):
        shown.show(watched.order, watched.written, watched.used)
        if deadline and time.monotonic() > deadline:
            raise TerminalError(
                f"{public_id} is still {watched.order['status'].replace('_', ' ')} after {timeout:.0f} s",
                code=TOOK_TOO_LONG,
                hint=f"It goes on. Look again: bin/nexus watch {public_id}",
            )
        if message := feed.next(within=_DRAW_EVERY):
            watched.take(message)
            while message := feed.next(within=0.001):
                watched.take(message)
        if watched.is_due():
            watched.read(client)
    shown.end(watched.order, watched.used)
    return watched.order


def _is_over(order: Json, *, until_blocked: bool) -> bool:
    return order["status"] in FINAL or (until_blocked and order["status"] == "blocked")


def report(client: Client, order: Json) -> Json:
    """Return the order with its whole feed and its ledger: what `--json` prints."""
    order = client.get(order_path(order["id"]))  # the last event may be younger than the last picture
    events = feed_of(client, order)
    ledger = client.get(order_path(order["id"], "/ledger"))["results"]
    return {**order, "events": events, "ledger": ledger}


def feed_of(client: Client, order: Json) -> list[Json]:
    """Return every event of the order up to what it has seen."""
    events: list[Json] = []
    while True:
        after = events[-1]["seq"] if events else 0
        page = client.get(order_path(order["id"], f"/events?after={after}"))["results"]
        events += [event for event in page if event["seq"] <= order["last_seq"]]
        if not page or page[-1]["seq"] >= order["last_seq"]:
            return events
