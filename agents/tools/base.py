"""A tool: its name, what it says of itself, what goes in, and what it does to the world."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nexus import engine

Permission = Literal["allow", "ask", "deny"]
PERMISSIONS: tuple[Permission, ...] = ("allow", "ask", "deny")
BY_EFFECT: Mapping[str, Permission] = {"read": "allow", "idempotent": "allow", "once": "ask"}
"""What holds for a tool that does not say: what cannot be taken back is asked about."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the makers of models take."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a tool is used: what its act is given beside its input."""

    context: engine.Context
    role: str
    use_id: str
    """What this use is known by in its task."""
    key: str
    """To be sent outside by an idempotent act; empty for one that reads."""

    @property
    def project(self) -> str:
        """Whose order it is."""
        return self.context.tenant

    @property
    def order(self) -> str:
        """The order."""
        return self.context.subject


@dataclass(frozen=True, kw_only=True)
class Output:
    """What an act answers, where words alone do not say it."""

    text: str
    is_error: bool = False
    """It was done, and says of itself that it went wrong."""


Act = Callable[[Where, dict[str, Any]], "Output | str"]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool. Raise ValueError for one that could not be offered."""

    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of its input, an object."""
    effect: engine.EffectKind
    act: Act = field(repr=False)
    permission: Permission = "allow"
    timeout: float = 60.0
    most_tokens: int = 8_000
    """Of its output that a model is shown."""
    untrusted: bool = True
    """Its output was written by others: it is fenced."""
    taints: bool | None = None
    """Who has read its output may be led by others; by default as `untrusted`."""
    sends: bool | None = None
    """What it is given can reach somebody whom its input names; by default what is done once does."""
    place: Callable[[dict[str, Any]], str] | None = field(default=None, repr=False)
    """The address that an input leads to, where it is one."""
    inline: bool = False
    """Called in the handler's own thread, without a time limit: it asks people, or is quick for sure."""
    version: int = 1
    source: str = "python"

    def __post_init__(self) -> None:
        """Refuse what a maker of models, or the effect ledger, would refuse later; fill in what was not said."""
        if not NAME.fullmatch(self.name):
            raise ValueError(f"The name of a tool is 1 to 64 of A-Z a-z 0-9 _ -, not {self.name!r}")
        if self.effect not in BY_EFFECT or self.permission not in PERMISSIONS:
            raise ValueError(f"{self.name}: effect is read, idempotent or once; permission is allow, ask or deny")
        if not self.description.strip() or self.schema.get("type") != "object":
            raise ValueError(f"{self.name}: a tool says what it does, and its input is an object")
        if self.timeout <= 0 or self.most_tokens < 100:
            raise ValueError(f"{self.name}: a timeout above 0, and an output of at least 100 tokens")
        if self.taints is None:
            object.__setattr__(self, "taints", self.untrusted)
        if self.sends is None:
            object.__setattr__(self, "sends", self.effect == "once")
