"""What the engine may ask of agents: task type -> function."""

from __future__ import annotations

from agents import queues
from agents.sessions import ending, turn
from nexus import engine

engine.handler(ending.TURN, queue="nexus.agents", timeout=600, route=queues.of_family)(turn.take)
