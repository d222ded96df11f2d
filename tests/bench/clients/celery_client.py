"""Files canvases; hears of their end from a list in Redis."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import celery_app
import driving


class Bare:
    """One process with one connection."""

    def __init__(self) -> None:
        """Nothing filed yet."""
        self._filed = 0
        celery_app.client.delete(celery_app.DONE)

    def file(self) -> int:
        """Publish the canvas."""
        self._filed += 1
        celery_app.order(self._filed).apply_async()
        return self._filed

    def finished(self, open_ones: Collection[int], wait: float) -> Iterable[int]:
        """Take from the list; block in Redis until the first."""
        first = celery_app.client.brpop([celery_app.DONE], timeout=wait) if wait else None
        more = celery_app.client.lpop(celery_app.DONE, 1000) or []
        return [int(one) for one in ([first[1]] if first else []) + more]


if __name__ == "__main__":
    driving.serve(Bare())
