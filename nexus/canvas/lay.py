"""Turn a segment into what Celery sends. Ids only, immutable, one id per ringing."""

from __future__ import annotations

from celery import chain, chord, signature
from celery.canvas import Signature

from nexus.queues.wire import RING

from .models import Canvas


def lay(canvas: Canvas) -> Signature:
    """The signature of a recorded canvas, ready to be sent."""
    links = [_ring(link, counted=canvas.kind == "chord") for link in canvas.shape["rings"]]
    if canvas.kind == "chord":
        return chord(links, body=_ring(canvas.shape["body"], counted=False))
    return chain(*links) if len(links) > 1 else links[0]


def _ring(link: dict[str, object], *, counted: bool) -> Signature:
    # A chord counts its headers by their results, so those are kept; nobody reads the others.
    return signature(
        RING,
        kwargs={"task": link["task"], "queue": link["queue"]},
        options={"queue": link["queue"], "task_id": link["id"], "ignore_result": not counted},
        immutable=True,
    )
