"""The scene of the tickets: a prompt for each family of models, polled until it is answered, then the conversation."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from .stage import Stage, Told

PROMPT = "如何用 Python 读取 CSV 文件？"
FOLLOWS = "And how is it written back? Two sentences."
FAMILIES = ("gemini-2.5-flash", "stable-diffusion-xl", "deepseek-chat")
PENDING, SUCCESS = 0, 1
Json = dict[str, Any]


def play(stage: Stage) -> Told:
    """Ask each family, go on in one conversation, and read it."""
    did, tickets = [], [_ask(stage, PROMPT, model) for model in FAMILIES]
    done = [_answered(stage, one) for one in tickets]
    for model, one in zip(FAMILIES, done, strict=True):
        stage.say(f"{model}: {_outcome(one)}")
        did.append(f"A ticket for {model}, routed by its name: {_outcome(one)}")
    first = tickets[0]
    done.append(_answered(stage, _ask(stage, FOLLOWS, FAMILIES[0], conversation=first["conversation_id"])))
    said = stage.client.get(f"/v1/conversations/{first['conversation_id']}/history")
    did.append(f"A second question in the same conversation; its history has {len(said['history'])} turns")
    chat = _chat(stage)
    did.append(f"A chat completion of nexus/auto, as OpenAI's clients ask: {chat['usage']['total_tokens']} tokens")
    return Told(
        did=tuple(did),
        cost_usd=Decimal(chat["nexus"]["cost_usd"]) + _spent(stage, [one["conversation_id"] for one in tickets]),
        look=(f"/v1/conversations/{first['conversation_id']}/history", f"/v1/chat/completions/{chat['id']}"),
        ended=all(one["status"] == SUCCESS for one in done),
    )


def _ask(stage: Stage, prompt: str, model: str, conversation: str | None = None) -> Json:
    body = {"prompt": prompt, "model": model, "conversation_id": conversation}
    return stage.client.post("/v1/chat/completions", body, key=str(uuid.uuid4()))


def _answered(stage: Stage, ticket: Json) -> Json:
    def look() -> Json | None:
        found = stage.client.get(f"/v1/tasks/{ticket['task_id']}")
        return None if found["status"] == PENDING else found

    return stage.until(look, what=f"the ticket {ticket['task_id']}", within=30)


def _outcome(task: Json) -> str:
    if task["status"] == SUCCESS:
        return f"answered in {task['cost_time']:.2f} s"
    return f"failed: {task['error_msg']}"


def _chat(stage: Stage) -> Json:
    asked = {"model": "nexus/auto", "messages": [{"role": "user", "content": "Name three message brokers"}]}
    return stage.client.post("/v1/chat/completions", asked, key=str(uuid.uuid4()))


def _spent(stage: Stage, sessions: list[str]) -> Decimal:
    found = [stage.client.get(f"/api/v2/sessions/{one}")["data"]["cost_usd"] for one in sessions]
    return sum((Decimal(one) for one in found), Decimal(0))
