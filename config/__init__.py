"""Composition root: settings, urls, asgi, the Celery app. Everything may be imported here; nothing imports it.

    env.py       the only reader of the process environment
    settings/    base, then one file per place it runs in
    celery.py    the Celery app, one for every process that opens the broker
    urls.py      which path goes to which surface
    asgi.py      HTTP and WebSocket

The Celery app is made here, so that every process that reads the settings has it as its current one.
"""

from __future__ import annotations

from .celery import app as celery_app

__all__ = ["celery_app"]
