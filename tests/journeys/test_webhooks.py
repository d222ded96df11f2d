"""A webhook's worker is killed while the receiver takes its time: the message arrives, under the same id."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from tests.support import orders
from tests.support.receiver import receiving
from tests.support.rivals import wait_for
from tests.support.stack import ROOT, Stack

SUBSCRIBE = """
from django.db import transaction
from apps.webhooks.subscribing import subscribe
from workorders.models import Project
with transaction.atomic():
    made, secret = subscribe(project=Project.objects.get(slug="default"), url={url!r}, kinds=["run.submitted"])
print("secret", secret)
"""


def subscribed(nexus: Stack, url: str, env: Mapping[str, str]) -> str:
    """A webhook of the project in which orders are filed; its secret."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SUBSCRIBE.format(url=url)],
        cwd=ROOT, env=nexus.env | env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("secret "))


def test_a_worker_that_dies_on_the_way_costs_no_delivery(nexus: Stack):
    with receiving() as receiver, nexus.client() as client:
        env = {"NEXUS_HTTP_ALLOW": "127.0.0.1/32", "NEXUS_HTTP_PORTS": str(receiver.port)}
        receiver.knows(subscribed(nexus, receiver.url, env))
        receiver.answers({"status": 204, "wait": 60}, {"status": 204})
        nexus.kill("control")
        nexus.start_worker("control", **env)
        order = orders.file(client)
        wait_for(receiver.taken, what="the first attempt")
        nexus.kill("control")
        nexus.start_worker("control", **env)

        state = "SELECT standing, attempts FROM webhooks_delivery"
        wait_for(lambda: nexus.rows(state) == [("delivered", 1)], within=60, what="the second")
        first, second = receiver.taken()
        assert first["id"] == second["id"]
        assert first["body"] == second["body"]
        assert (second["verdict"], order in second["body"]) == ("ok", True)
        orders.settled(client, order)
        nexus.rows("DELETE FROM webhooks_attempt RETURNING 1")
        nexus.rows("DELETE FROM webhooks_delivery RETURNING 1")
        nexus.rows("DELETE FROM webhooks_secret RETURNING 1")
        nexus.rows("DELETE FROM webhooks_subscription RETURNING 1")
        nexus.kill("control")  # the next one is started without these settings
