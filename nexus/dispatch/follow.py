"""What is due and what waits behind it, as the compiler's graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus.canvas.compile import Graph, Node


@dataclass(frozen=True, kw_only=True)
class Bell:
    """A task as a canvas tells of it."""

    id: int
    run: int
    key: str
    queue: str
    rings: int


def graph_behind(told: Mapping[str, Any]) -> tuple[Graph, dict[int, Bell]]:
    """The due tasks, the pending ones of their runs, and the edges from either into the pending ones; bells by id.

    `told` is what nexus_take_bells tells.
    """
    bells = {
        one["id"]: Bell(**{name: one[name] for name in Bell.__dataclass_fields__})
        for one in [*told["due"], *told["pending"]]
    }
    children: dict[int, list[int]] = {}
    held: Counter[int] = Counter()
    for parent, child, runs in told["edges"]:
        held[child] += runs
        if parent in bells:
            children.setdefault(parent, []).append(child)
    nodes = {one["id"]: Node(id=one["id"], queue=one["queue"]) for one in told["due"]} | {
        one["id"]: Node(
            id=one["id"],
            queue=one["queue"],
            deps_left=one["deps_left"],
            running=held[one["id"]],
            delayed=one["delayed"],
        )
        for one in told["pending"]
    }
    return Graph(nodes=nodes, children=children), bells
