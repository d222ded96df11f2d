"""Tools: what agents may do beside writing, each with its schema, its effect and who may use it.

    base.py         Tool; what an act is given, and what it may answer
    schemas.py      a Python function's type hints -> JSON Schema; what is wrong with an input
    registry.py     @tool, and every tool by name
    rendering.py    what a model is shown of an output: clean, cut, fenced (pure)
    permissions.py  allow, ask, deny: by role, project and order
    taint.py        what is asked about once an agent has read what others wrote
    bounded.py      an act within its time
    run.py          use(): one ToolUse -> one ToolResult, through the engine's effects
    offering.py     offers(): what a role is told of
    loops.py        the same call again and again (pure)
    install.py      the registry, written down as rows
    generated.py    tools that are rows with a program, of one project
    builtin/        the tools that Nexus is shipped with
    mcp/            the tools of MCP servers
    errors.py       what is refused

Promises
    What a tool does outside is done once, or a person is asked: see nexus/effects.
    An input that does not fit is told to the model, and nothing is done.
    What others wrote is shown between marks that it cannot close; secrets are not shown.
"""

from __future__ import annotations

from .base import Output, Tool, Where
from .errors import ToolFailed
from .offering import offers
from .registry import tool
from .run import use

__all__ = ["Output", "Tool", "ToolFailed", "Where", "offers", "tool", "use"]
