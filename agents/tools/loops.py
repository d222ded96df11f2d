"""The same call again and again. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.providers.messages import ToolUse, Turn

USUAL = 3
"""How often the same call may be made."""


def fingerprint(*, role: str, tool: str, input: Mapping[str, Any]) -> str:
    """The same for the same call, whatever its id and the order of its arguments."""
    said = json.dumps([role, tool, input], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


@dataclass
class Repeats:
    """How often each call was made."""

    most: int = USUAL
    _seen: Counter[str] = field(default_factory=Counter)

    def is_looping(self, *, role: str, use: ToolUse) -> bool:
        """Count this call; true when it has been made more often than it may."""
        print_ = fingerprint(role=role, tool=use.name, input=use.input)
        self._seen[print_] += 1
        return self._seen[print_] > self.most


def of_turns(turns: Iterable[Turn], *, role: str, most: int = USUAL) -> Repeats:
    """The count as a conversation leaves it: for whoever takes one over."""
    made = Repeats(most=most)
    for turn in turns:
        for block in turn.blocks:
            if isinstance(block, ToolUse):
                made.is_looping(role=role, use=block)
    return made
