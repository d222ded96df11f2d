"""Takes orders from the queue until it is told to stop."""

from __future__ import annotations

import threading

import dbos_app
from dbos import DBOS

if __name__ == "__main__":
    dbos_app.launch()
    DBOS.register_queue(dbos_app.QUEUE, polling_interval_sec=dbos_app.POLL_EVERY, on_conflict="always_update")
    threading.Event().wait()
