"""Tools for tests, as an app of a user's would bring them."""

from __future__ import annotations

import logging
import os
import time
from typing import Annotated, Literal

import httpx2

from agents.tools import Output, ToolFailed, Where, tool
from nexus import engine
from tests.support.loopback import NOBODY

log = logging.getLogger("nexus.try")
CALLS: list[tuple[str, object]] = []
"""What was called in this process."""


@tool(effect="read", untrusted=False, timeout=0.5)
def try_adds(a: Annotated[int, "the first"], b: int = 1) -> str:
    """Add two numbers."""
    CALLS.append(("adds", a + b))
    return str(a + b)


@tool(effect="read", most_tokens=100)
def try_quotes(text: str) -> str:
    """Say what others said."""
    return text


@tool(effect="read", timeout=0.2)
def try_sleeps(seconds: float) -> str:
    """Take its time."""
    time.sleep(seconds)
    return "awake"


@tool(effect="idempotent", timeout=0.2)
def try_sleeps_at_work(seconds: float) -> str:
    """Take its time over something that is done once for one key."""
    CALLS.append(("sleeps_at_work", seconds))
    time.sleep(seconds)
    return "done"


@tool(effect="read")
def try_breaks(how: Literal["bug", "refusal", "away"]) -> str:
    """Go wrong."""
    if how == "refusal":
        raise ToolFailed("there is no such thing; password=hunter2secret")
    if how == "away":
        raise engine.Unavailable("the house is away")
    raise KeyError("a bug")


@tool(effect="once", permission="allow", taints=False)
def try_pays(where: Where, url: str, amount: int) -> Output:
    """Pay."""
    order, once = {"amount": amount, "note": ""}, {"Idempotency-Key": where.key}
    answer = httpx2.post(f"{url}/charges", json=order, headers=once, verify=NOBODY)
    return Output(text=answer.text, is_error=answer.status_code >= 400)


@tool(effect="once")
def try_sends(to: str) -> dict[str, str]:
    """Send something that cannot be taken back."""
    CALLS.append(("sends", to))
    return {"sent": to}


@tool(effect="read", timeout=10)
def try_asks_a_shop(url: str) -> str:
    """Ask a shop that wants a token."""
    token = {"Authorization": f"Bearer {os.environ['TRY_TOKEN']}"}
    log.error("%s is asked with %s", url, token)  # as careless as tools are
    answer = httpx2.get(url, headers=token, timeout=5, verify=NOBODY)
    if answer.status_code >= 400:
        raise RuntimeError(f"{url} answered {answer.status_code} to {token}")
    return answer.text
