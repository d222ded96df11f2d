"""A worker of many threads shares its connections, and lets each of them compute for longer at a time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

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
