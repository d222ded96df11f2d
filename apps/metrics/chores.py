"""What is counted by the dispatcher's clock."""

from __future__ import annotations

import threading

from django.db import connection

from nexus import engine

from . import counting

_counting = threading.Lock()


@engine.chore(every=10)
def count_now_and_then() -> bool:
    """Have everything counted beside the dispatcher, which rings on meanwhile; say whether it was our turn."""
    if not counting.take_turn() or not _counting.acquire(blocking=False):
        return False
    # A thread with a connection of its own: a count of large tables takes as long as a statement may.
    threading.Thread(target=_count, name="metrics", daemon=True).start()
    return True


def _count() -> None:
    try:
        counting.count_all()
    finally:
        connection.close()
        _counting.release()
