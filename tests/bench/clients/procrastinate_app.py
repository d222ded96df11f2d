"""Procrastinate: it has no fan-in, so a counter in a table makes one. Each task defers the next."""

from __future__ import annotations

import os

import procrastinate

CONCURRENCY = 8
app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["DATABASE_URL"], min_size=4, max_size=12)
)
TABLE = "CREATE TABLE IF NOT EXISTS bench_order (id bigserial PRIMARY KEY, parts_left int NOT NULL, done bool NOT NULL)"
COUNT = "UPDATE bench_order SET parts_left = parts_left - 1 WHERE id = %(number)s RETURNING parts_left"
END = "UPDATE bench_order SET done = true WHERE id = %(number)s"


@app.task
async def plan(number: int) -> None:
    """Defer three, in one statement."""
    await part.batch_defer_async(*[{"number": number}] * 3)


@app.task
async def part(number: int) -> None:
    """Count down; the last defers the join."""
    if (await app.connector.execute_query_one_async(COUNT, number=number))["parts_left"] == 0:
        await join.defer_async(number=number)


@app.task
async def join(number: int) -> None:
    """Defer the last one."""
    await notify.defer_async(number=number)


@app.task
async def notify(number: int) -> None:
    """Say that it is done."""
    await app.connector.execute_query_async(END, number=number)
