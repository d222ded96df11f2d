"""A client of the engine that insists: files numbered runs of five tasks, each exactly once, whatever breaks.

python -m tests.chaos.filing FIRST LAST ROOM: at most ROOM of them are open at a time.
"""

from __future__ import annotations

import os
import sys

import django

from tests.chaos.stage import pause

WAITS = 0.2
PARTS = ("one", "two", "three")
"""Short siblings, which a worker settles together."""
EACH = 25
"""Runs that are filed before it looks how many are open."""


def main() -> None:
    """File the runs FIRST to LAST."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    first, last, room = map(int, sys.argv[1:])
    for start in range(first, last, EACH):
        for number in range(start, min(start + EACH, last)):
            _insist(lambda number=number: _file(number))  # type: ignore[misc]
        _insist(lambda: _wait_for_room(room))


def _insist(act: object) -> None:
    from django.db import DatabaseError, InterfaceError, connection

    while True:
        try:
            act()  # type: ignore[operator]
        except (DatabaseError, InterfaceError):
            # Nobody knows whether it was committed. The next try looks.
            connection.close()
            pause(WAITS)
        else:
            return


def _file(number: int) -> None:
    from django.db import transaction

    from nexus import engine

    subject = f"soak-{number}"
    if engine.runs.filter(subject=subject).exists():
        return
    tasks = [
        engine.TaskSpec(key="asks", type="test.asks"),
        *(engine.TaskSpec(key=key, type="test.short", after=("asks",)) for key in PARTS),
        engine.TaskSpec(key="last", type="test.tool", after=PARTS),
    ]
    with transaction.atomic():
        engine.submit(tenant=f"soak-{number % 20}", subject=subject, tasks=tasks)


def _wait_for_room(room: int) -> None:
    from nexus import engine

    while engine.runs.filter(state="open").count() > room:
        pause(WAITS)


if __name__ == "__main__":
    main()
