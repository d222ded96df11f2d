"""What others wrote may speak through an agent that has read it: what reaches out afterwards is asked about.

An agent is tainted once a tool has shown it something that others wrote; so is one that works with what a tainted one
has made: later tasks of an order, later turns of a conversation. A tool that sends is then asked about, whatever the
rules allow, unless it goes to a place that an operator trusts, or to one that was named to the agent: an address that
it made up itself may carry away what it has read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.db.models import Q

from nexus import engine

from . import registry
from .base import Tool
from .mcp.adapting import BETWEEN

ANYWHERE = "*"
ENDS = r"[)\]'*,;.!?:]*(?![A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\[\]])"
"""What may follow an address in a text that names it: signs of a sentence, and then nothing that addresses have."""


def is_asked_about(tool: Tool, input: dict[str, object], *, context: engine.Context, told: Callable[[], str]) -> bool:
    """Must people agree, although the rules allow it? `told` are the words that the agent was given to read."""
    if not tool.sends or not _is_tainted(context):
        return False
    place = tool.place(input) if tool.place is not None else ""
    return not place or not (_is_trusted(place) or _is_named(place, told()))


def _is_tainted(context: engine.Context) -> bool:
    earlier = Q(run__tenant=context.tenant, run__subject=context.subject) & ~Q(run_id=context.run_id)
    read = engine.effects.filter(earlier | Q(task_id__in=_behind(context.task_id)))
    return any(_taints(name) for name in read.values_list("name", flat=True).distinct())


def _behind(task_id: int) -> set[int]:
    """The task, and all whose outputs may have come to it."""
    known, found = {task_id}, {task_id}
    while found:
        parents = engine.Dependency.objects.filter(child_id__in=found).values_list("parent_id", flat=True)
        found = set(parents) - known
        known |= found
    return known


def _taints(name: str) -> bool:
    """Whether its output is written by others. What a server of others offers always is, gone or not."""
    tool = registry.find(name)
    return BETWEEN in name if tool is None else bool(tool.taints)


def _is_trusted(place: str) -> bool:
    trusted = settings.NEXUS_AGENT_HOSTS
    return ANYWHERE in trusted or _host(place) in trusted


def _is_named(place: str, text: str) -> bool:
    """Whether the text has this very address, or one below it: a part of a name or of a word is another address."""
    if not _host(place):
        return False
    whole = re.escape(urldefrag(place)[0].rstrip("/"))
    return re.search(rf"{whole}(?:[/?#]|{ENDS})", text) is not None


def _host(place: str) -> str:
    """Empty where it is no address: a model may write anything."""
    try:
        return urlsplit(place).hostname or ""
    except ValueError:
        return ""
