"""Orders from a conversation: one is carried out, one asks back and is answered; who worked, and what it cost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal

from apps.terminal.client import Json
from apps.terminal.exits import FAILED, TerminalError

from .stage import Stage, Told

CLEAR = "Draft a release checklist for a Django service with Celery workers"
UNCLEAR = "whatever"
ANSWER = "A short checklist in Markdown for the first day of a new colleague"
OVER = ("completed", "failed", "cancelled", "blocked")


def play(stage: Stage) -> Told:
    """Say two things, answer what is asked, and look at what came of both."""
    chat = f"demo-{uuid.uuid4().hex[:8]}"
    clear, unclear = (_said(stage, chat, text) for text in (CLEAR, UNCLEAR))
    asked = stage.until(lambda: _rests(stage, unclear), what=f"the question of {unclear}")
    if not asked["question"]:
        raise TerminalError(f"{unclear} asks nothing", code=FAILED)
    stage.say(f"{unclear} asks: {asked['question']}")
    stage.client.act(f"/api/v2/work-orders/{unclear}/answer", {"text": ANSWER})
    views = [_until_ended(stage, order) for order in (clear, unclear)]
    if bad := [view["id"] for view in views if view["status"] != "completed"]:
        raise TerminalError(f"{', '.join(bad)} did not complete", code=FAILED)
    return Told(
        did=_lines(stage, views),
        cost_usd=sum((Decimal(str(view["cost_usd"])) for view in views), Decimal(0)),
        look=tuple(f"/api/v2/work-orders/{view['id']}" for view in views) + ("/api/v2/audit", "/api/v2/system/status"),
    )


def _said(stage: Stage, chat: str, text: str) -> str:
    key = f"{chat}-{uuid.uuid4().hex[:8]}"
    told = stage.client.post("/api/chat", {"message": text, "session_id": chat}, key=key)
    stage.say(f"“{text}” is {told['work_order_id']}")
    return str(told["work_order_id"])


def _rests(stage: Stage, order: str) -> Json | None:
    view = stage.client.get(f"/api/v2/work-orders/{order}")
    return view if view["status"] in OVER else None


def _until_ended(stage: Stage, order: str) -> Json:
    def ended() -> Json | None:
        view = _rests(stage, order)
        return view if view and view["status"] != "blocked" else None

    return stage.until(ended, what=f"the end of {order}")


def _lines(stage: Stage, views: list[Json]) -> tuple[str, ...]:
    spent = stage.client.get("/api/v2/costs?period=today&by=role")
    audit = stage.client.get(f"/api/v2/audit?order={views[0]['id']}")["results"]
    counted = stage.client.get("/api/v2/system/status")
    return (
        *(_line(view) for view in views),
        f"today: ${spent['total']['cost_usd']} for {spent['total']['requests']} requests, by "
        + ", ".join(f"{row['key']} ${row['cost_usd']}" for row in spent["results"]),
        f"{len(audit)} entries of the audit log tell of {views[0]['id']}",
        "orders of the last day: " + ", ".join(f"{n} {name}" for name, n in counted["last_day"].items() if n),
        "the same from a phone: set TELEGRAM_BOT_TOKEN",
    )


def _line(view: Mapping[str, object]) -> str:
    return f"{view['id']}: {view['difficulty']}, {view['owner_role']}, {view['intent']}; ${view['cost_usd']}"
