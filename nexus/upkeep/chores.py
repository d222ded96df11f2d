"""All upkeep, in the order that moves work soonest; and what domains want done by the clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from nexus.effects.left import close_left
from nexus.gates.ask import open_gates
from nexus.gates.remind import escalate_once, expire_once, remind_once
from nexus.gates.withdraw import withdraw_forsaken

from .rescuer import rescue_once
from .timers import make_due_ready, publish_dead_letters

log = logging.getLogger("nexus.upkeep")
Act = Callable[[], object]


@dataclass(kw_only=True)
class _Chore:
    act: Act
    every: float
    done_at: float | None = None


_registry: dict[str, _Chore] = {}


def chore(*, every: float) -> Callable[[Act], Act]:
    """Register the decorated function to be called by every dispatcher, at most once in `every` seconds each.

    Several dispatchers call it at the same time: what it changes, it changes by guarded updates.
    """

    def register(act: Act) -> Act:
        _registry[f"{act.__module__}.{act.__qualname__}"] = _Chore(act=act, every=every)
        return act

    return register


def do_chores() -> None:
    """One sweep. What it rescues is ready to be rung in the same pass, unless it backs off."""
    rescue_once()
    make_due_ready()
    publish_dead_letters()
    open_gates()
    withdraw_forsaken()
    close_left()
    for act in (escalate_once, expire_once, remind_once):  # what time decides needs no reminder
        act()
    for name, one in _registry.items():
        if one.done_at is None or time.monotonic() - one.done_at >= one.every:
            one.done_at = time.monotonic()
            _do(name, one.act)


def _do(name: str, act: Act) -> None:
    try:
        act()
    except (DatabaseError, InterfaceError):
        raise  # the loop waits for the database
    except Exception:  # one domain's bug must not stop the dispatcher
        log.exception("chore %s failed", name)
