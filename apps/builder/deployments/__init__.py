"""Where agents run: `local`, as a role of this installation; `agentcore`, in a runtime of AWS.

base.py       what a deployment can do; what an agent is made of
local.py      a role with the agent's prompt, tools and program
agentcore.py  the runtime's HTTP; signing.py how its requests are signed
"""

from __future__ import annotations

from . import agentcore, local
from .base import Bundle, Deployment, Said

__all__ = ["Bundle", "Deployment", "Said", "of"]

_KINDS: dict[str, Deployment] = {"local": local.Local(), "agentcore": agentcore.AgentCore()}


def of(kind: str) -> Deployment:
    """The deployment of that kind."""
    return _KINDS[kind]
