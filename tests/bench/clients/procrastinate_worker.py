"""Runs tasks until it is told to stop."""

from __future__ import annotations

import asyncio

from procrastinate_app import CONCURRENCY, app


async def main() -> None:
    """Work."""
    async with app.open_async():
        await app.run_worker_async(concurrency=CONCURRENCY, delete_jobs="successful", install_signal_handlers=False)


if __name__ == "__main__":
    asyncio.run(main())
