"""search_knowledge: in the project's sources."""

from __future__ import annotations

from typing import Annotated

from agents import knowledge
from agents.tools.base import Where
from agents.tools.registry import tool


@tool(effect="read")
def search_knowledge(
    where: Where,
    query: Annotated[str, "a few words"],
    most: Annotated[int, "how many passages, 1 to 20"] = 5,
) -> str:
    """Search the texts that this project's people have uploaded. Answers passages, with the names of their sources."""
    found = knowledge.search(project=where.project, query=query, most=max(1, min(20, most)))
    return (
        "\n\n".join(f"[{one.title or one.source}, passage {one.place + 1}]\n{one.text}" for one in found) or "nothing"
    )
