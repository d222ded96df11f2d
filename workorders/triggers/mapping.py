"""Event type -> what is to be done about it. Pure: who has mappings in a table makes them of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """How urgent, as people say it; higher goes first, and inside one the oldest."""

    CRITICAL = 10
    HIGH = 8
    NORMAL = 5
    LOW = 3
    BACKGROUND = 1


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One task for one type of event."""

    event_type: str
    task_type: str
    agent: str
    priority: int = Priority.NORMAL


@dataclass(frozen=True, kw_only=True)
class TaskMap:
    """Every rule, by the type of event."""

    rules: Mapping[str, Sequence[Rule]]

    @classmethod
    def of(cls, *sources: Iterable[Rule]) -> TaskMap:
        """Rules of all `sources`, in their order: later ones append, and none replaces another."""
        found: dict[str, list[Rule]] = {}
        for rule in (rule for source in sources for rule in source):
            if rule not in found.setdefault(rule.event_type, []):
                found[rule.event_type].append(rule)
        return cls(rules=found)

    def of_event(self, event_type: str) -> Sequence[Rule]:
        """What is to be done about an event of this type; nothing where nobody has said so."""
        return self.rules.get(event_type, ())
