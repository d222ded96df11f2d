"""Task type -> the function that does it. How domains, and users of Nexus, plug in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nexus.errors import GraphInvalid
from nexus.queues.catalog import NAMES
from nexus.tasks.gate import SHUT
from nexus.tasks.graph import TaskSpec

from .outcome import Outcome

if TYPE_CHECKING:
    from .context import Context

Handle = Callable[["Context"], Outcome]
Route = Callable[[Sequence[TaskSpec]], Sequence[str | None]]
"""For tasks of a type that are written together: where each waits, None for the type's own queue."""


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A registered task type."""

    type: str
    handle: Handle
    queue: str
    timeout: float
    max_attempts: int
    route: Route | None


_registry: dict[str, Handler] = {}


def handler(
    type: str, *, queue: str, timeout: float = 600, max_attempts: int = 4, route: Route | None = None
) -> Callable[[Handle], Handle]:
    """Register the decorated function for tasks of `type`. Raise ValueError on a second one or an unknown queue.

    `timeout` is in seconds per attempt; `max_attempts` counts the first. `route` may say of a task that it waits in
    another queue than its type does.
    """
    if queue not in NAMES:
        raise ValueError(f"{queue!r} is no queue; nexus/queues/catalog.py has them all")

    def register(handle: Handle) -> Handle:
        if type in _registry and _registry[type].handle is not handle:
            raise ValueError(f"Two handlers for {type!r}: {_registry[type].handle} and {handle}")
        _registry[type] = Handler(
            type=type, handle=handle, queue=queue, timeout=timeout, max_attempts=max_attempts, route=route
        )
        return handle

    return register


def handler_of(type: str) -> Handler | None:
    """The handler of `type`, or None: an older worker may not know a newer type."""
    return _registry.get(type)


def types() -> frozenset[str]:
    """Every registered task type."""
    return frozenset(_registry)


def resolved(specs: Sequence[TaskSpec]) -> list[TaskSpec]:
    """`specs` with queue, timeout and attempts of their handlers where they name none. Raise GraphInvalid."""
    return [_resolve(spec, place) for place, spec in enumerate(_routed(specs))]


def _routed(specs: Sequence[TaskSpec]) -> list[TaskSpec]:
    """`specs`, with a queue where a route says one. Each route is asked once: it may have to look something up."""
    placed = list(specs)
    asked: dict[Route, list[int]] = {}
    for place, spec in enumerate(specs):
        known = _registry.get(spec.type)
        if spec.queue is None and known is not None and known.route is not None:
            asked.setdefault(known.route, []).append(place)
    for route, places in asked.items():
        for place, queue in zip(places, route([specs[place] for place in places]), strict=True):
            placed[place] = replace(specs[place], queue=queue)
    return placed


def _resolve(spec: TaskSpec, place: int) -> TaskSpec:
    known = _registry.get(spec.type)
    if known is None:
        raise GraphInvalid(f"No handler is registered for {spec.type!r}", pointer=f"/tasks/{place}/type")
    if spec.queue is not None and spec.queue not in NAMES:
        raise GraphInvalid(f"{spec.queue!r} is no queue", pointer=f"/tasks/{place}/queue")
    return replace(
        spec,
        queue=spec.queue or known.queue,
        timeout=known.timeout if spec.timeout is None else spec.timeout,
        max_attempts=spec.max_attempts or known.max_attempts,
        not_before=spec.not_before if spec.gate is None else SHUT,
    )
