"""Turn a segment into what Celery sends. Ids only, immutable, one id per ringing."""

from __future__ import annotations

import time

from celery import chain, chord, signature
from celery.canvas import Signature

from nexus.queues.wire import RING

from .models import Canvas


def lay(canvas: Canvas) -> Signature:
    """The signature of a recorded canvas, ready to be sent."""
    if canvas.kind == "chord":
        headers = [_ring(link, counted=True, at=time.time()) for link in canvas.shape["rings"]]
        return chord(headers, body=_ring(canvas.shape["body"], counted=False))
    first, *later = canvas.shape["rings"]
    return chain(
        _ring(first, counted=False, at=time.time()),
        *(_ring(link, counted=False) for link in later),
    )


def _ring(link: dict[str, object], *, counted: bool, at: float | None = None) -> Signature:
    # A chord counts its headers by their results, so those are kept; nobody reads the others.
    return signature(
        RING,
        kwargs={"task": link["task"], "queue": link["queue"]} | ({} if at is None else {"at": at}),
        options={"queue": link["queue"], "task_id": link["id"], "ignore_result": not counted},
        immutable=True,
    )
