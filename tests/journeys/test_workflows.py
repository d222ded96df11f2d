"""A workflow with real workers: from a bundle to its reply, over HTTP; and the scene of the demonstration."""

from __future__ import annotations

import io
import uuid

from apps.terminal.client import Client
from apps.terminal.console import Console
from apps.terminal.demo import rise
from apps.terminal.demo.stage import Stage
from apps.terminal.place import Address
from tests.support import orders
from tests.support.stack import KEY, Stack


def test_a_workflow_is_imported_asked_and_answered(nexus: Stack):
    stage = Stage(Client(Address(nexus.url, KEY)), Console(io.StringIO(), io.StringIO()), {"web_url": nexus.url})

    told = rise.play(stage)

    assert told.ended, told.did
    assert told.cost_usd > 0
    with nexus.client() as client:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        asked = {"workflow": "rise", "text": "How do I register my car?", "wait_seconds": 60}
        answer = client.post("/api/workflows/apply", json=asked, headers=key)
        assert answer.status_code == 200, answer.text
        assert answer.json()["assistantReply"]
        again = client.post("/api/workflows/apply", json=asked, headers=key)
        assert {**again.json(), "request_id": ""} == {**answer.json(), "request_id": ""}
        view = orders.look(client, answer.json()["order"])
        assert view["deliverable"]["text"] == answer.json()["assistantReply"]
    orders.assert_books_balance(nexus)
    orders.assert_settled_once(nexus)
