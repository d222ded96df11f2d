"""The Celery app. Every process that opens the broker imports this one, so all share one set of settings."""

from __future__ import annotations

import gc
import os
import sys
from threading import Thread
from typing import Any

from celery import Celery, concurrency
from celery.signals import setup_logging, worker_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

from config.interpreter import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

# By alias, not by CELERY_BROKER_TRANSPORT: with that, kombu would forget the TLS of rediss://.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "nexus.queues.transport:Transport"))
# The stubs leave out where the pools have their names.
vars(concurrency)["ALIASES"]["threads"] = "nexus.execution.pool:TaskPool"

app = Celery("nexus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["nexus.execution"], related_name="celery_tasks")


@app.on_after_configure.connect
def declare_queues(sender: Celery, **_: object) -> None:
    """Give Celery the catalogue's queues: plain and direct, so that nothing depends on bindings."""
    from nexus.queues.catalog import kombu_queues

    sender.conf.task_queues = kombu_queues()


TURN = 0.05
"""Seconds that a thread of a crowd may go on computing while others wait for the interpreter; Python's own is 0.005.
Each that waits wakes up so often to ask for its turn. With this a thousand calls at once are on their way a fourth
sooner."""


@worker_init.connect
def leave_what_is_loaded_alone(**_: object) -> None:
    """See config/interpreter.py."""
    collect_seldom()


@worker_init.connect
def share_connections(sender: Any, **_: object) -> None:
    """Where a worker has more threads than connections, they share; else each thread or child has one of its own.

    Such a crowd mostly waits for models; for when many begin at once, they also take longer turns.
    """
    from django.conf import settings

    from nexus.connections import share

    threads = concurrency.get_implementation(sender.pool_cls) is concurrency.get_implementation("threads")
    if threads and sender.concurrency > settings.WORKER_CONNECTIONS:
        share(settings.WORKER_CONNECTIONS)
        sys.setswitchinterval(TURN)


@worker_ready.connect
def load_providers(sender: Any, **_: object) -> None:
    """Load the SDKs beside the work where models are asked: the first call of a process is no slower than the next."""
    from agents import providers

    if isinstance(sender.pool, concurrency.get_implementation("threads")):

        def load() -> None:
            providers.load()
            gc.freeze()

        Thread(target=load, name="nexus-providers", daemon=True).start()


@setup_logging.connect
def use_djangos_logging(**_: object) -> None:
    """Workers log as every other process does; Celery's own handlers would print secrets unredacted."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
