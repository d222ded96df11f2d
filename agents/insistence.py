"""What must be written although Postgres is away for a moment: an answer that was paid for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
log = logging.getLogger(__name__)

PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries: 15 in all, a restart of Postgres. After that, whoever comes next finds the request."""


def insist(act: Callable[[], T], *, pauses: Sequence[float] = PAUSES) -> T:
    """Do `act`, again on a fresh connection when this one was lost. `act` must be safe to repeat.

    A COMMIT whose answer was lost may have happened. That is why only what is keyed by its request goes in here:
    repeated, it finds its own row and does nothing.
    """
    for pause in pauses:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            log.warning("postgres lost while an answer was stored, again in %s s: %s", pause, error)
            connection.close()
            time.sleep(pause)
    return act()
