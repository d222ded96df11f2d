"""Cut a graph into what Celery carries well: chains of doorbells and flat chords. Pure.

Inside a queue a worker simply goes on with what it freed, so a straight run needs one doorbell per
queue that it enters. A fan-in into another queue, whose unfinished parents are all rung here or held
already, is a chord: a held one that ends last frees the join itself. Nothing is nested: a header is
single doorbells, a body is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

WIDEST = 100
"""Headers of a chord; a wider fan-in is counted in SQL alone."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A task as the compiler sees it."""

    id: int
    queue: str
    deps_left: int = 0
    running: int = 0
    """Parents that a worker holds already: they need no doorbell."""
    delayed: bool = False
    """Starts at a time of its own: a segment ends before it."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What is due and what waits behind it."""

    nodes: Mapping[int, Node]
    children: Mapping[int, Sequence[int]]
    """Every child of a node of the graph that is not finished, by parent."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One canvas. `rings` are published; `carries` are all tasks it brings along, rung or gone on to."""

    kind: Literal["single", "chain", "chord"]
    rings: tuple[int, ...]
    """A chain's links in order; a chord's headers."""
    body: int | None = None
    carries: tuple[int, ...] = ()


def compile_segments(graph: Graph, due: Iterable[int]) -> list[Segment]:
    """Segments that ring every task of `due` once, and what follows them where one canvas can."""
    lines = {task: _line(graph, task) for task in due}
    chords: list[Segment] = []
    for join, headers in _fan_ins(graph, lines).items():
        carried = [task for header in headers for task in lines[header]] + _stretch(graph, join)
        chords.append(Segment(kind="chord", rings=tuple(headers), body=join, carries=tuple(carried)))
        for header in headers:
            del lines[header]
    return chords + [_straight(graph, line) for line in lines.values()]


def _line(graph: Graph, start: int) -> list[int]:
    """The straight run from `start`: while a task has one child, and the child no other parent to wait for."""
    line = [start]
    while (follower := _only_child(graph, line[-1])) is not None and graph.nodes[follower].deps_left == 1:
        line.append(follower)
    return line


def _only_child(graph: Graph, task: int) -> int | None:
    children = graph.children.get(task, ())
    if len(children) != 1 or children[0] not in graph.nodes or graph.nodes[children[0]].delayed:
        return None
    return children[0]


def _stretch(graph: Graph, start: int) -> list[int]:
    """The part of the straight run from `start` that a worker of its queue goes through by itself."""
    line = _line(graph, start)
    other = next(
        (place for place, task in enumerate(line) if graph.nodes[task].queue != graph.nodes[start].queue), None
    )
    return line[:other]


def _fan_ins(graph: Graph, lines: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Join -> headers, where every unfinished parent of the join ends a one-queue line that is due."""
    into: dict[int, list[int]] = {}
    for start, line in lines.items():
        join = _only_child(graph, line[-1])
        if join is not None and len({graph.nodes[task].queue for task in line}) == 1:
            into.setdefault(join, []).append(start)
    return {join: headers for join, headers in into.items() if _is_chord(graph, join, headers)}


def _is_chord(graph: Graph, join: int, headers: Sequence[int]) -> bool:
    crosses = any(graph.nodes[header].queue != graph.nodes[join].queue for header in headers)
    waits = graph.nodes[join].deps_left - graph.nodes[join].running
    return crosses and 1 < len(headers) <= WIDEST and len(headers) == waits


def _straight(graph: Graph, line: Sequence[int]) -> Segment:
    """A chain with one ring per queue entered, or a single doorbell."""
    rings = [
        task
        for place, task in enumerate(line)
        if place == 0 or graph.nodes[task].queue != graph.nodes[line[place - 1]].queue
    ]
    return Segment(kind="chain" if len(rings) > 1 else "single", rings=tuple(rings), carries=tuple(line))
