"""What a scene stands on, and what it tells afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from apps.terminal.client import Client
from apps.terminal.console import Console
from apps.terminal.exits import TOOK_TOO_LONG, TerminalError

Found = TypeVar("Found")
_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Stage:
    """One running installation: `client` speaks as its owner; `addresses` are those that `bin/nexus status` shows."""

    client: Client
    console: Console
    addresses: dict[str, str]

    def say(self, text: str) -> None:
        """Tell what happens, while it happens."""
        self.console.say(f"  {text}")

    def until(self, look: Callable[[], Found | None], *, what: str, within: float = 60.0) -> Found:
        """Look until there is something to return; TerminalError says what did not come, with its exit code 124."""
        deadline = time.monotonic() + within
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise TerminalError(f"{what}: not within {within:.0f} s", code=TOOK_TOO_LONG)
            time.sleep(_LOOK_EVERY)
        return found


@dataclass(frozen=True)
class Told:
    """What a scene did: a line for each step, what it cost, where to look at it, and whether it reached its end."""

    did: tuple[str, ...]
    cost_usd: Decimal
    look: tuple[str, ...] = field(default=())
    ended: bool = True
