"""Task type -> function, one line each."""

from __future__ import annotations

from nexus import engine

from .delivering import TASK, deliver

engine.handler(TASK, queue="nexus.notify", timeout=60)(deliver)
