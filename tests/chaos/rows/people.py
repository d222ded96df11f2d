"""Rows at people's doors: those who decide about one thing at once, and those who watch while the feed breaks."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from nexus.embedded import valkey
from tests.chaos.proxy import Proxy
from tests.chaos.stage import Stage, pause
from tests.support import orders
from tests.support.stack import KEY

ASKED = """
from django.db import transaction
with transaction.atomic():
    gate = engine.Gate(message="may it?", quorum=1)
    print(engine.submit(tenant="t", subject="s", tasks=[engine.TaskSpec(key="one", type="test.echo", gate=gate)]).pk)
"""
DECIDED = """
import json, threading
from django.db import connection
approval = engine.approvals.get(run_id={run})
barrier, answers = threading.Barrier(20), []
def say(number):
    barrier.wait(20)
    word = ("approve", "reject")[number % 2]
    try:
        engine.decide(approval_id=approval.pk, decision=word, hash={hash}, actor=f"p{{number}}", reason="so",
                      channel=("web", "telegram")[number % 3 % 2])
        answers.append(["stands", f"p{{number}}"])
    except engine.NexusError as error:
        answers.append([error.code, (error.facts.get("standing") or {{}}).get("decided_by", "")])
    finally:
        connection.close()
threads = [threading.Thread(target=say, args=[number]) for number in range(20)]
[one.start() for one in threads]; [one.join(60) for one in threads]
print(json.dumps(answers))
"""


def decided_at_once(stage: Stage) -> str:
    """Row 37: twenty approve and reject one thing at once, after others did so for content that has changed."""
    run = int(stage.program(ASKED).split()[-1])
    stage.await_rows("SELECT 1 FROM nexus_approval WHERE run_id = %s", run, what="the question to be put")
    stale = _decided(stage, run, hash="'0' * 64")
    assert {code for code, _ in stale} == {"superseded"}, stale
    answers = _decided(stage, run, hash="approval.hash")
    winners = [who for code, who in answers if code == "stands"]
    losers = {(code, who) for code, who in answers if code != "stands"}
    assert len(winners) == 1, answers
    assert losers == {("already_decided", winners[0])}, answers
    late = _decided(stage, run, hash="approval.hash")
    assert {(code, who) for code, who in late} == losers, late
    stage.await_rows("SELECT 1 FROM nexus_run WHERE id = %s AND state <> 'open'", run, what="the run to follow")
    return "20 for content that is not there: refused; 20 at once: one stands, 19 are told whose; 20 too late: the same"


def _decided(stage: Stage, run: int, *, hash: str) -> list[tuple[str, str]]:
    told = json.loads(stage.program(DECIDED.format(run=run, hash=hash)).splitlines()[-1])
    assert len(told) == 20, told
    return [(code, who) for code, who in told]


NOT_READING = 20
SHOWN_WITHIN = 3.0


def feeds_broken(stage: Stage) -> str:
    """Row 46: clients that are cut off, leave, or never read, while the broker is killed under the hub."""
    with Proxy(f"http://127.0.0.1:{stage.nexus.web_port}/", dice=stage.dice) as proxy, contextlib.ExitStack() as open_:
        [order] = stage.file()
        left = _read(stage.nexus.web_port, order, after=0, most=3)
        for _ in range(NOT_READING):
            open_.enter_context(_socket(stage.nexus.web_port, order, after=0))
        seen: list[dict[str, Any]] = []
        follower = threading.Thread(target=_follow, args=(proxy.port, order, seen), daemon=True)
        follower.start()
        stage.nexus.valkey.process.kill()
        stage.nexus.valkey.stop()
        cuts = 0
        for _ in range(8):
            pause(stage.dice.uniform(0.1, 0.5))
            proxy.cut()
            cuts += 1
            if cuts == 3:
                stage.nexus.valkey = valkey.start(stage.nexus.home, durable=False)
        stage.finished([order])
        began = time.monotonic()
        back = left + _read(stage.nexus.web_port, order, after=left[-1]["seq"], most=None)
        took = time.monotonic() - began
        follower.join(30)
        with stage.nexus.client() as client:
            table = orders.events(client, order)
    assert back == table, f"who came back saw {len(back)} of {len(table)} events"
    assert seen == table, f"who was cut saw {len(seen)} of {len(table)} events"
    assert took < SHOWN_WITHIN, f"{took:.1f} s"
    return (
        f"{len(table)} events, none missing, none twice: over {cuts} cuts and a killed broker, beside {NOT_READING} "
        f"that never read; complete {took:.2f} s after coming back"
    )


def _socket(port: int, order: str, *, after: int) -> Any:
    return connect(
        f"ws://127.0.0.1:{port}/ws/work-orders/{order}/?after={after}",
        additional_headers={"Authorization": f"Bearer {KEY}"}, proxy=None,
    )  # fmt: skip


def _read(port: int, order: str, *, after: int, most: int | None) -> list[dict[str, Any]]:
    """So many events after a number, or all until the end."""
    seen: list[dict[str, Any]] = []
    with _socket(port, order, after=after) as socket:
        while most is None or len(seen) < most:
            frame = json.loads(socket.recv(timeout=60))
            if frame["type"] == "event":
                seen.append(frame["event"])
            if frame["type"] == "done":
                break
    return seen


def _follow(port: int, order: str, seen: list[dict[str, Any]]) -> None:
    """Every event, over connections that break at any moment, resumed by the last number."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        after = seen[-1]["seq"] if seen else 0
        with (
            contextlib.suppress(WebSocketException, OSError, EOFError),
            _socket(port, order, after=after) as socket,
        ):
            while True:
                frame = json.loads(socket.recv(timeout=30))
                if frame["type"] == "event":
                    seen.append(frame["event"])
                if frame["type"] == "done":
                    return
        pause(0.05)
