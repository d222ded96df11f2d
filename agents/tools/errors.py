"""What is refused of a tool, and how a tool says that it could not."""

from __future__ import annotations

from nexus import engine
from nexus.errors import NexusError


class ToolFailed(engine.EffectFailed):
    """The tool could not do it."""

    # Raised by a tool that knows that nothing happened; its message is told to the model.
    code = "tool_failed"


class ToolTimedOut(NexusError):
    """The tool took longer than it may."""

    code = "tool_timed_out"
    disposition = "retry"
