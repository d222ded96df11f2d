"""How a worker is set up: what its threads share and how long each computes, and when it looks for garbage."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from config.interpreter import GARBAGE

STARTED = """
import json, sys
import django
import config.celery as worker
django.setup()
from django.db import connections
class Sender:
    pool_cls, concurrency = sys.argv[1], int(sys.argv[2])
worker.share_connections(Sender)
print(json.dumps(["pool" in connections["default"].settings_dict["OPTIONS"], sys.getswitchinterval()]))
"""


@pytest.mark.parametrize(
    ("pool", "size", "shares", "turn"),
    [("threads", 500, True, 0.05), ("threads", 16, False, 0.005), ("prefork", 500, False, 0.005)],
)
def test_only_a_crowd_of_threads_shares(pool, size, shares, turn):
    told = subprocess.run(
        [sys.executable, "-c", STARTED, pool, str(size)], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(told.stdout) == [shares, pytest.approx(turn)]


def test_a_worker_looks_for_garbage_seldom_and_not_among_what_it_is_made_of():
    asked = """
import gc
import django
import config.celery as worker
django.setup()
worker.worker_init.send(sender=None)
print(*gc.get_threshold(), gc.get_freeze_count() > 10_000)
"""
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.split() == [*map(str, GARBAGE), "True"]
