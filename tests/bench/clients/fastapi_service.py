"""A minimal service that takes work in: FastAPI, a row by asyncpg, a message by XADD; or the message alone.

uvicorn fastapi_service:app
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import redis.asyncio as redis
from fastapi import FastAPI
from pydantic import BaseModel

TABLE = """CREATE TABLE IF NOT EXISTS tasks (
    id uuid PRIMARY KEY, prompt text NOT NULL, status int NOT NULL, created_at timestamptz NOT NULL DEFAULT now())"""
NEW = "INSERT INTO tasks (id, prompt, status) VALUES ($1, $2, 0)"
LONGEST = 10_000


class Asked(BaseModel):
    """What is asked."""

    message: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect to both."""
    app.state.redis = redis.from_url(os.environ["REDIS_URL"])
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=16) as pool:
        app.state.pool = pool
        await pool.execute(TABLE)
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, bool]:
    """It answers."""
    return {"ok": True}


async def _add(asked: Asked, task: uuid.UUID) -> dict[str, str]:
    payload = json.dumps({"task_id": str(task), "prompt": asked.message})
    await app.state.redis.xadd("tasks", {"payload": payload}, maxlen=LONGEST, approximate=True)
    return {"id": str(task), "status": "pending"}


@app.post("/stored", status_code=201)
async def stored(asked: Asked) -> dict[str, str]:
    """A row, committed; then the message."""
    task = uuid.uuid4()
    await app.state.pool.execute(NEW, task, asked.message)
    return await _add(asked, task)


@app.post("/added", status_code=201)
async def added(asked: Asked) -> dict[str, str]:
    """The message alone."""
    return await _add(asked, uuid.uuid4())
