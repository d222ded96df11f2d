"""All upkeep, in the order that moves work soonest."""

from __future__ import annotations

from .rescuer import rescue_once
from .timers import make_due_ready, publish_dead_letters


def do_chores() -> None:
    """One sweep. What it rescues is ready to be rung in the same pass, unless it backs off."""
    rescue_once()
    make_due_ready()
    publish_dead_letters()
