"""ask_requester: a question to whoever asked for the work."""

from __future__ import annotations

from typing import Annotated

from agents.tools.base import Where
from agents.tools.errors import ToolFailed
from agents.tools.registry import tool
from nexus import engine


@tool(effect="read", inline=True, taints=False)
def ask_requester(where: Where, question: Annotated[str, "one question, in the language of the request"]) -> str:
    """Ask the people who want this work a question that only they can answer. The work waits for their answer."""
    checkpoint = f"question:{where.use_id}"
    decision = where.context.decision(checkpoint)
    if decision is None or decision.outcome == "withdrawn":
        gate = engine.Gate(
            message=question[:4_000].strip() or "?", checkpoint=checkpoint, allows=("respond", "reject"),
            on_reject="run_again",
        )  # fmt: skip
        raise engine.PeopleAsked(engine.Ask(content={"question": question}, gate=gate))
    if decision.outcome != "responded":
        raise ToolFailed(f"They did not want to answer: {decision.reason}")
    return decision.reason
