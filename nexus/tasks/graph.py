"""A graph of task specs: validated before anything is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from nexus.errors import GraphInvalid

from .gate import BEFORE_THE_WORK, SHUT, Gate

LARGEST = 1000
"""Tasks that are written together."""
LARGEST_RUN = 10_000
"""Tasks of one run, which may go on growing for as long as something happens to it."""
LONGEST_EXCLUSIVE = 200
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """A task to be written."""

    key: str
    """Unique in its run."""
    type: str
    """Names the handler."""
    input: dict[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    """Keys of its parents, in the same batch or already in the run."""
    title: str = ""
    """Shown to people; siblings should differ in it."""
    queue: str | None = None
    priority: int | None = None
    """0 to 10, higher first; the run's where None."""
    max_attempts: int | None = None
    timeout: float | None = None
    """Seconds per attempt; the handler's where None."""
    not_before: datetime | None = None
    gate: Gate | None = None
    """People agree before it runs; its input is what they decide about."""
    exclusive: str | None = None
    """Of all tasks with this key, in whatever runs, one runs at a time."""


def validate(specs: Sequence[TaskSpec], *, types: Collection[str], known: Collection[str] = ()) -> None:
    """Raise GraphInvalid, with a pointer, unless `specs` can be run beside the keys `known`.

    Checked: size, key shape, duplicate keys, unknown types, unknown parents, self-edges, cycles,
    priorities and limits.
    """
    if not specs:
        raise GraphInvalid("A graph needs at least one task", pointer="/tasks")
    if len(specs) > LARGEST:
        raise GraphInvalid(f"At most {LARGEST} tasks are written together", pointer="/tasks")
    if len(specs) + len(known) > LARGEST_RUN:
        raise GraphInvalid(f"A run holds at most {LARGEST_RUN} tasks", pointer="/tasks")
    keys = set(known)
    for place, spec in enumerate(specs):
        _validate_one(spec, f"/tasks/{place}", types)
        if spec.key in keys:
            raise GraphInvalid(f"Two tasks are called {spec.key!r}", pointer=f"/tasks/{place}/key")
        keys.add(spec.key)
    for place, spec in enumerate(specs):
        for parent in spec.after:
            if parent not in keys:
                raise GraphInvalid(
                    f"{spec.key!r} waits for {parent!r}, which is no task", pointer=f"/tasks/{place}/after"
                )
    try:
        TopologicalSorter({spec.key: spec.after for spec in specs}).prepare()
    except CycleError as cycle:
        raise GraphInvalid(f"The tasks wait for each other: {' -> '.join(cycle.args[1])}", pointer="/tasks") from None


def _validate_one(spec: TaskSpec, pointer: str, types: Collection[str]) -> None:
    if not KEY.fullmatch(spec.key):
        raise GraphInvalid(f"{spec.key[:40]!r} is no key: letters, digits, _ . : -", pointer=f"{pointer}/key")
    if spec.type not in types:
        raise GraphInvalid(f"No handler is registered for {spec.type!r}", pointer=f"{pointer}/type")
    if len(set(spec.after)) != len(spec.after):
        raise GraphInvalid(f"{spec.key!r} names a parent twice", pointer=f"{pointer}/after")
    if spec.priority is not None and not 0 <= spec.priority <= 10:
        raise GraphInvalid("priority is between 0 and 10", pointer=f"{pointer}/priority")
    if spec.max_attempts is not None and not 1 <= spec.max_attempts <= 100:
        raise GraphInvalid("max_attempts is between 1 and 100", pointer=f"{pointer}/max_attempts")
    if spec.timeout is not None and not 0 < spec.timeout <= 86_400:
        raise GraphInvalid("timeout is between 0 and 86400 seconds", pointer=f"{pointer}/timeout")
    if spec.exclusive is not None and (not 1 <= len(spec.exclusive) <= LONGEST_EXCLUSIVE or "\x00" in spec.exclusive):
        raise GraphInvalid(f"An exclusive key is 1 to {LONGEST_EXCLUSIVE} characters", pointer=f"{pointer}/exclusive")
    if spec.gate is not None:
        _validate_gate(spec, spec.gate, pointer)


def _validate_gate(spec: TaskSpec, gate: Gate, pointer: str) -> None:
    if not set(gate.allows) <= set(BEFORE_THE_WORK):
        raise GraphInvalid("There is nothing to revise before the task has run", pointer=f"{pointer}/gate/allows")
    if spec.not_before not in (None, SHUT):
        raise GraphInvalid("A task with a gate starts when it is approved", pointer=f"{pointer}/not_before")
