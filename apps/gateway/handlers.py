"""What the engine may ask of the gateway: task type -> function."""

from __future__ import annotations

from nexus import engine

from . import answering

engine.handler(answering.TYPE, queue="nexus.agents", timeout=600)(answering.answer)
