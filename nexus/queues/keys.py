"""Legend of every Redis key and channel. All of it may vanish at any time.

nx:*            broker: one list per queue (kombu); nobody acknowledges, so nothing is unacked
nx:r:*          results of canvas members and chord counters, a day (Celery)
nx:model:*      slots, shares of a minute and rests of each model, minutes (agents/turnstile.py)
chat:*:summary  the last entries of a conversation with workflows, an hour (apps/workflows)
rise:kb         what workflows know: a hash, project/workflow -> snapshot (apps/workflows)
nx:rate:*       what each API key may still ask, about as long as its window (apps/api/allowance.py)
nx:hint         channel: {"run", "seq"} after a commit; {"run", "task", "delta", "at", "by"} while a model writes
nx:said:*       of runs that ask for it, the same words as they were said, minutes: for who comes later
"""

from __future__ import annotations

HINT = "nx:hint"


def said(run_id: int) -> str:
    """The list of what models wrote in a run."""
    return f"nx:said:{run_id}"
