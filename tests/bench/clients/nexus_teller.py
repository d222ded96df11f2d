"""Appends events to a run, as workers do: several in a transaction, or now and then one.

Each line on stdin is {"run", "events", "group", "pause"}; the answer comes when all are committed.
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402 - Django first

from nexus import engine  # noqa: E402


def tell(run: int, events: int, group: int, pause: float) -> None:
    """Append them."""
    for _ in range(events // group):
        with transaction.atomic():
            for number in range(group):
                engine.tell(run_id=run, kind="order.note", data={"number": number, "sent": time.monotonic()})
        if pause:
            time.sleep(pause)


if __name__ == "__main__":
    for line in sys.stdin:
        began = time.monotonic()
        tell(**json.loads(line))
        sys.stdout.write(json.dumps({"began": began, "ended": time.monotonic()}) + "\n")
        sys.stdout.flush()
