"""How a worker is set up: what its threads share and how long each computes, and when it looks for garbage."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from config.interpreter import GARBAGE

CROWD, FEW, CHILDREN = ("threads", 500), ("threads", 16), ("prefork", 500)
STARTED = """
import json, os, sys
import django
import config.celery as worker
django.setup()
from django.db import connections
for pool, size in json.loads(sys.argv[1]):
    if os.fork() == 0:  # each begins with what is loaded, and nothing shared
        class Sender:
            pool_cls, concurrency = pool, size
        worker.share_connections(Sender)
        shares = "pool" in connections["default"].settings_dict["OPTIONS"]
        print(json.dumps([shares, sys.getswitchinterval()]), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def started():
    asked = [CROWD, FEW, CHILDREN]
    told = subprocess.run(
        [sys.executable, "-c", STARTED, json.dumps(asked)], capture_output=True, text=True, timeout=60, check=True
    )
    return dict(zip(asked, map(json.loads, told.stdout.splitlines()), strict=True))


@pytest.mark.parametrize(
    ("pool", "shares", "turn"), [(CROWD, True, 0.05), (FEW, False, 0.005), (CHILDREN, False, 0.005)]
)
def test_only_a_crowd_of_threads_shares(started, pool, shares, turn):
    assert started[pool] == [shares, pytest.approx(turn)]


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
