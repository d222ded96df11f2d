"""Every queue: what it is for and which pool serves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kombu import Queue as KombuQueue


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue of tasks. Order inside it is SQL's: priority, then age."""

    name: str
    purpose: str
    pool: Literal["threads", "prefork"]


CATALOG: tuple[Queue, ...] = (
    Queue(name="nexus.control", purpose="triage, plan, review, close", pool="threads"),
    Queue(name="nexus.agents", purpose="model work: waits on networks", pool="threads"),
    Queue(name="nexus.model.gemini", purpose="answers of Gemini's models", pool="threads"),
    Queue(name="nexus.model.sd", purpose="answers of Stable Diffusion's models", pool="threads"),
    Queue(name="nexus.model.deepseek", purpose="answers of DeepSeek's models", pool="threads"),
    Queue(name="nexus.notify", purpose="messages to people", pool="threads"),
    Queue(name="nexus.tools", purpose="machine work: computes", pool="prefork"),
    Queue(name="nexus.build", purpose="builds", pool="prefork"),
    Queue(name="nexus.deploy", purpose="deployments", pool="prefork"),
)
DEAD = "nexus.dead"
"""Tasks whose attempts are used up: for people and their tools; no worker consumes it."""
UNDELIVERABLE = "nexus.undeliverable"
"""Where the transport puts a message that no queue takes."""

NAMES = frozenset(queue.name for queue in CATALOG)


def kombu_queues() -> list[KombuQueue]:
    """The catalogue as Celery wants it.

    Nobody acknowledges a doorbell: one that is lost is rung again from its row, and kombu would write each down in
    Redis and strike it out before its task could begin.
    """
    from kombu import Exchange
    from kombu import Queue as KombuQueue

    return [
        KombuQueue(queue.name, Exchange(queue.name, type="direct"), routing_key=queue.name, no_ack=True)
        for queue in CATALOG
    ]
