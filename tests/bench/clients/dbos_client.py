"""Files workflows: into the queue that workers take them from, or direct, in a process that runs them itself.

python dbos_client.py (queue|direct) (sequential|parallel)
"""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Collection, Iterable
from typing import Any

import dbos_app
import driving
import looking
from dbos import DBOS, DBOSClient

ENDED = "SELECT workflow_uuid FROM dbos.workflow_status WHERE status = 'SUCCESS' AND workflow_uuid = ANY(%s)"


class Queued(looking.Looks):
    """Enqueues for the workers."""

    def __init__(self, shape: str) -> None:
        """Connect."""
        super().__init__(os.environ["DATABASE_URL"], ENDED)
        self._client = DBOSClient(system_database_url=os.environ["DATABASE_URL"], application_name="bench")
        self._options: Any = {"workflow_name": shape, "queue_name": dbos_app.QUEUE, "app_version": "1"}

    def file(self) -> str:
        """One row in the queue."""
        return self._client.enqueue(self._options).workflow_id


class Direct:
    """Starts workflows in this process and hears of their end at once."""

    def __init__(self, shape: str) -> None:
        """Launch."""
        dbos_app.launch()
        self._is_parallel = shape == "parallel"
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def file(self) -> str:
        """Start it."""
        if self._is_parallel:
            return asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        handle = DBOS.start_workflow(dbos_app.sequential)
        return self._heard(handle.workflow_id, handle.future)

    async def _start(self) -> str:
        handle = await DBOS.start_workflow_async(dbos_app.parallel)
        return self._heard(handle.workflow_id, handle.task)

    def _heard(self, name: str, future: Any) -> str:
        future.add_done_callback(lambda _: self._ended.put(name))
        return name

    def finished(self, open_ones: Collection[str], wait: float) -> Iterable[str]:
        """Wait for the first; take all that there are."""
        found = []
        try:
            found.append(self._ended.get(timeout=wait) if wait else self._ended.get_nowait())
            while True:
                found.append(self._ended.get_nowait())
        except queue.Empty:
            return found


if __name__ == "__main__":
    driving.serve((Queued if sys.argv[1] == "queue" else Direct)(sys.argv[2]))
