"""DBOS: an order is a workflow of six steps, one after the other or three of them at the same time."""

from __future__ import annotations

import asyncio
import os

from dbos import DBOS, DBOSConfig

QUEUE = "orders"
POLL_EVERY = 0.02
"""Seconds between two looks of a worker at its queue; usual is 1."""
config: DBOSConfig = {
    "name": "bench",
    "system_database_url": os.environ["DATABASE_URL"],
    "sys_db_pool_size": 20,
    "log_level": "WARNING",
    "application_version": "1",
    "executor_id": os.environ.get("EXECUTOR", "one"),
    "run_admin_server": False,
}


@DBOS.step()
def step() -> None:
    """Do nothing."""


@DBOS.step()
async def step_async() -> None:
    """Do nothing."""


@DBOS.workflow(name="sequential")
def sequential() -> None:
    """Six steps."""
    for _ in range(6):
        step()


@DBOS.workflow(name="parallel")
async def parallel() -> None:
    """Plan, three at the same time, join, notify."""
    await step_async()
    await asyncio.gather(step_async(), step_async(), step_async())
    await step_async()
    await step_async()


def launch() -> None:
    """Start DBOS in this process."""
    DBOS(config=config)
    DBOS.launch()
