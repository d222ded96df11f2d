"""Files orders: the row of the counter and the first task."""

from __future__ import annotations

import os

import driving
import looking
import psycopg
from procrastinate_app import app, plan

NEW = "INSERT INTO bench_order (parts_left, done) VALUES (3, false) RETURNING id"


class Files(looking.Looks):
    """Two statements; the row is committed before the task may find it."""

    def __init__(self) -> None:
        """Connect."""
        super().__init__(os.environ["DATABASE_URL"], "SELECT id FROM bench_order WHERE done AND id = ANY(%s)")
        self._rows = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)

    def file(self) -> int:
        """Write the row, defer the task."""
        row = self._rows.execute(NEW).fetchone()
        assert row is not None
        plan.defer(number=row[0])
        return int(row[0])


if __name__ == "__main__":
    with app.open():
        driving.serve(Files())
