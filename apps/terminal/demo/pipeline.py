"""Orders from conversations: one is carried out, one asks back, and the Board sees who did what and what it cost."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from apps.terminal.client import order_path

from .stage import Stage, Told

Json = dict[str, Any]
ORDERS = "/api/v2/work-orders"
CLEAR = "Draft a release checklist for a Django service with Celery workers"
UNCLEAR = "help"
ANSWER = "A packing list for a week in the hills, as a table"
RESTS = ("completed", "failed", "cancelled")


def play(stage: Stage) -> Told:
    """File two orders, answer the one that asks, hold the other for a moment, and read the books."""
    clear, unclear = _file(stage, CLEAR), _file(stage, UNCLEAR)
    _tell(stage, clear, "pause", reason="a moment")
    _tell(stage, clear, "resume")
    asked = stage.until(lambda: _when(stage, unclear, "blocked"), what=f"{unclear} asks back")
    stage.say(f"{unclear} asks: {asked['question'][:70]}")
    stage.client.act(order_path(unclear, "/answer"), {"text": ANSWER})
    ended = [stage.until(lambda each=each: _ended(stage, each), what=each) for each in (clear, unclear)]  # type: ignore[misc]
    log = stage.client.get(f"/api/v2/audit?order={clear}&page_size=200")["results"]
    today = stage.client.get("/api/v2/costs/totals")["today"]
    return Told(
        did=(
            *(f"{one['id']} ended {one['status']}, by {one['owner_role']}" for one in ended),
            f"the audit log has {len(log)} entries about {clear}, the last: {log[0]['action']} by {log[0]['actor']}",
            f"today in all: {today['total_tokens']} tokens, ${today['total_cost']}",
        ),
        cost_usd=sum((Decimal(one["cost_usd"]) for one in ended), Decimal(0)),
        look=(f"bin/nexus audit --order {clear}", f"{stage.addresses.get('web_url', '')}/admin/"),
        ended=all(one["status"] == "completed" for one in ended),
    )


def _file(stage: Stage, message: str) -> str:
    filed = str(stage.client.post(ORDERS, {"message": message}, key=str(uuid.uuid4()))["id"])
    stage.say(f"{filed}: {message}")
    return filed


def _tell(stage: Stage, order: str, move: str, **said: str) -> None:
    stage.client.act(order_path(order, f"/{move}"), said)
    stage.say(f"{order}: {move}")


def _when(stage: Stage, order: str, status: str) -> Json | None:
    found = stage.client.get(order_path(order))
    return found if found["status"] == status else None


def _ended(stage: Stage, order: str) -> Json | None:
    found = stage.client.get(order_path(order))
    return found if found["status"] in RESTS else None
