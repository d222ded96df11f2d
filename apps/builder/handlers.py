"""What the engine may ask of the builder: task type -> function; and whose turns it follows."""

from __future__ import annotations

from agents import queues
from agents.sessions import ending
from nexus import engine

from . import beginning, building, deploying, invoking, recording

engine.handler(beginning.BUILD, queue="nexus.build", timeout=3600, max_attempts=3)(building.build)
engine.handler(beginning.DEPLOY, queue="nexus.deploy", timeout=600, max_attempts=3)(deploying.deploy)
engine.handler(beginning.TELL, queue="nexus.notify", timeout=60)(deploying.notice)
engine.handler(invoking.INVOKE, queue="nexus.agents", timeout=600, max_attempts=3, route=queues.of_family)(
    invoking.invoke
)
ending.follow(recording.of_turn)
