"""An agent is built from a requirement, asked, and talked with."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

from apps.terminal.client import Client

from .stage import Stage, Told

REQUIREMENT = "Build an agent that answers questions about release checklists for Django services"
QUESTION = "Which steps of a release come first?"
Json = dict[str, Any]


def play(stage: Stage) -> Told:
    """Have it built, ask it once, talk with it, and count."""
    client = stage.client
    project = _posted(client, "/api/v2/projects", {"requirement": REQUIREMENT, "project_name": "Release helper"})
    where = f"/api/v2/projects/{project['project_id']}"
    stage.say(f"{project['project_id']}: nine stages")
    shown = stage.until(lambda: _ended(client, where), what="the build", within=90)
    agents = client.get(f"/api/v2/agents?project_id={project['project_id']}")["data"]
    if shown["status"] != "completed" or not agents:
        return Told(did=(f"The build is {shown['status']}",), cost_usd=_cost(shown), look=(where,), ended=False)
    agent = f"/api/v2/agents/{agents[0]['agent_id']}"
    stage.say(f"{agents[0]['agent_id']} runs: {', '.join(agents[0]['tools'])}")
    said = _posted(client, f"{agent}/invoke", {"input": QUESTION})
    session = _posted(client, f"{agent}/sessions", {"display_name": "Release"})["session_id"]
    heard = _heard(client, session)
    spoken = Decimal(client.get(f"/api/v2/sessions/{session}")["data"]["cost_usd"])
    figures = client.get("/api/v2/statistics/overview")["data"]
    took = shown["metrics"]
    return Told(
        did=(
            f"Built {agents[0]['agent_name']} in {took['completed_stages']} stages, {took['tool_calls']} trial runs",
            f"Asked it: {_short(said.get('output', ''))}",
            f"Talked with it over the stream: {heard} characters came as they were written",
            f"Counted: {figures['completed_projects']} builds, {figures['total_invocations']} invocations",
        ),
        cost_usd=_cost(shown) + Decimal(said.get("cost_usd", "0")) + spoken,
        look=(f"{where}/build", agent, "/api/v2/statistics/overview"),
    )


def _posted(client: Client, path: str, body: Json) -> Json:
    return dict(client.post(path, body, key=str(uuid.uuid4()))["data"])


def _ended(client: Client, where: str) -> Json | None:
    shown = dict(client.get(where)["data"])
    return shown if shown["status"] in ("completed", "failed", "cancelled", "paused") else None


def _heard(client: Client, session: str) -> int:
    """Say something; how many characters of the answer came."""
    count = 0
    with client.stream(f"/api/v2/sessions/{session}/stream", {}, body={"content": "And what comes last?"}) as answer:
        for line in answer:
            if line.startswith(b"data: "):
                frame = json.loads(line.removeprefix(b"data: "))
                count += len(frame["data"]) if frame.get("type") == "text" else 0
    return count


def _cost(shown: Json) -> Decimal:
    return Decimal(shown["metrics"]["cost_usd"])


def _short(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= 90 else f"{first[:89]}…"
