"""What the engine may ask of workflows: task type -> function, one line each."""

from __future__ import annotations

from agents import queues
from nexus import engine

from .closing import close_session
from .opening import open_session
from .performing import perform

engine.handler("workflow.open", queue="nexus.control", timeout=60)(open_session)
engine.handler("workflow.stage", queue="nexus.agents", timeout=600, route=queues.of_family)(perform)
engine.handler("workflow.close", queue="nexus.control", timeout=60)(close_session)
