"""A film of two shots: a person approves its script, shots, previews and end; what it cost, and its files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal

from apps.terminal.client import Json
from apps.terminal.exits import FAILED, TerminalError

from .stage import Stage, Told

BRIEF = {
    "title": "The first ship",
    "brief": "A lighthouse keeper and a dog see the first ship of the year",
    "duration_seconds": 2,
    "shots": 2,
    "quality": "fast",
}
OVER = ("completed", "failed", "cancelled")


def play(stage: Stage) -> Told:
    """Tell one event; decide wherever people are asked; look at what was made."""
    name = f"demo-{uuid.uuid4().hex[:8]}"
    event = {"project_id": name, "type": "PROJECT_CREATED", "payload": BRIEF}
    told = stage.client.post("/api/v2/events", event, key=name)
    order = str(told["work_order"])
    stage.say(f"{told['event_id']} began the film {name} as {order}")
    decided: list[str] = []
    film = stage.until(lambda: _on(stage, name, order, decided), what=f"the end of {name}")
    budget = stage.client.get(f"/api/v2/films/{name}/budget")
    if film["status"] != "completed":
        raise TerminalError(f"the film is {film['status']}", code=FAILED)
    return Told(
        did=_lines(film, budget, decided),
        cost_usd=Decimal(str(budget["used"])),
        look=(f"/api/v2/films/{name}", f"/api/v2/events?project_id={name}", f"/api/v2/work-orders/{order}"),
    )


def _on(stage: Stage, name: str, order: str, decided: list[str]) -> Json | None:
    """Approve what waits; return the film once it is over."""
    for line in stage.client.get("/api/v2/approvals?whose=anybody")["results"]:
        if line["order"] == order:
            stage.client.act(f"/api/v2/approvals/{line['id']}/decide", {"decision": "approve", "hash": line["hash"]})
            decided.append(str(line["checkpoint"]))
            stage.say(f"approved at {line['checkpoint']}")
    film = stage.client.get(f"/api/v2/films/{name}")
    return film if film["status"] in OVER else None


def _lines(film: Json, budget: Mapping[str, object], decided: list[str]) -> tuple[str, ...]:
    tasks = film["tasks"]
    agents = sorted({str(one["assigned_to"]) for one in tasks})
    checks = [one for one in tasks if str(one["task_type"]).startswith("RUN_")]
    passed = sum(bool((one["output"] or {}).get("passed")) for one in checks)
    return (
        f"{len(tasks)} tasks of {len(agents)} agents: {', '.join(agents)}",
        f"decided at {', '.join(dict.fromkeys(decided))}",
        f"{passed} of {len(checks)} checks passed, each measured on the file",
        f"{len(film['files'])} files; budget {budget['status']}, {budget['usage_percent']} % of ${budget['total']}",
    )
