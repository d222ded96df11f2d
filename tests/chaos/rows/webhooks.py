"""Receivers of webhooks that fail, hang, drip, lead elsewhere or answer without end: each is told in the end."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from tests.chaos.stage import Stage
from tests.support.receiver import There, receiving
from tests.support.rivals import wait_for

INSIDE = "http://169.254.169.254/latest/meta-data/"
SUBSCRIBED = """
import json
from django.db import transaction
from apps.webhooks.subscribing import subscribe
from workorders.models import Project
project = Project.objects.get(slug="default")
with transaction.atomic():
    told = [subscribe(project=project, url=url, kinds=["run.submitted"])[1] for url in {urls!r}]
print(json.dumps(told))
"""
LEFT = "SELECT count(*) FILTER (WHERE standing = 'delivered'), count(*) FROM webhooks_delivery"
ORDERS = 3


def misbehaving(stage: Stage) -> str:
    """Row 47: each misbehaves once and then takes what it is sent; orders do not wait for any of them."""
    with contextlib.ExitStack() as open_:
        trap = open_.enter_context(receiving())
        first: list[dict[str, Any]] = [
            {"status": 500, "body": "no"},
            {"status": 204, "wait": 60},
            {"status": 200, "drip": 1.0},
            {"status": 307, "headers": {"location": trap.url}},
            {"status": 307, "headers": {"location": INSIDE}},
            {"status": 503, "bytes": 10 * 1024 * 1024},
        ]
        bad = [open_.enter_context(receiving()) for _ in first]
        ports = ",".join(str(one.port) for one in (trap, *bad))
        env = {"NEXUS_HTTP_ALLOW": "127.0.0.1/32", "NEXUS_HTTP_PORTS": ports}
        secrets = json.loads(stage.program(SUBSCRIBED.format(urls=[one.url for one in bad]), **env).splitlines()[-1])
        for receiver, secret, step in zip(bad, secrets, first, strict=True):
            receiver.knows(secret)
            receiver.answers(step, {"status": 204})
        stage.anew("control", **env)
        took = stage.finished(stage.file(ORDERS), within=20)
        wanted = ORDERS * len(bad)
        wait_for(lambda: stage.nexus.rows(LEFT) == [(wanted, wanted)], within=90, what="every delivery")
        for receiver in bad:
            _was_told(receiver)
        assert trap.taken() == [], "somebody followed a redirect"
        _forgotten(stage)
        stage.anew("control")
    return (
        f"{len(first)} receivers, {wanted} messages, each signed and taken in the end, each failure sent again under "
        f"its id; no redirect followed; {ORDERS} orders done meanwhile in {took:.1f} s"
    )


def _was_told(receiver: There) -> None:
    taken = receiver.taken()
    assert {one["verdict"] for one in taken} == {"ok"}, taken
    assert (len(taken), len({one["id"] for one in taken})) == (ORDERS + 1, ORDERS), taken


def _forgotten(stage: Stage) -> None:
    """The next rows have no subscribers."""
    stage.nexus.rows("DELETE FROM webhooks_attempt RETURNING 1")
    stage.nexus.rows("DELETE FROM webhooks_delivery RETURNING 1")
    stage.nexus.rows("DELETE FROM webhooks_secret RETURNING 1")
    stage.nexus.rows("DELETE FROM webhooks_subscription RETURNING 1")
