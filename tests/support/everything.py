"""Rows of every table that the Board looks at, and how many questions a page asks."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents import roles
from agents.models import KnowledgeSource, Message, ProviderKey, RegisteredTool, Session, ToolRule
from billing import budgets, ledger, pricebook
from billing.prices import Usage
from nexus import engine
from tests.support.people import Cast, order
from tests.support.runs import ALICE, claimed
from workorders.models import Deliverable


def some_of_everything(cast: Cast, count: int) -> list[str]:
    """Orders with an attempt, a cost, a dead letter and a deliverable each."""
    pricebook.install()
    roles.install()
    ids = [cast.alice.files(f"Order {number} <b>bold</b>") for number in range(count)]
    for public_id in ids:
        row = order(public_id)
        task = engine.tasks.of(row.run_id).get()
        claimed(row.run, task.key, ALICE)
        engine.DeadLetter.objects.create(
            task=task, fingerprint="f" * 64, error={"code": "timeout", "message": "too slow"}
        )
        engine.approvals.create(
            run=row.run, task=task, message="May it?", proposed={}, content={}, hash="0" * 64, allows=["approve"]
        )
        engine.effects.create(
            run=row.run, task=task, key="k", kind="once", name="send", request={}, request_hash="0" * 64, fence=1
        )
        RegisteredTool.objects.create(name=f"tool-{task.pk}", description="d", schema={}, effect="read")
        ToolRule.objects.create(tool=f"tool-{task.pk}", verdict="deny")
        KnowledgeSource.objects.create(name=f"source-{task.pk}", text_hash="0" * 64)
        ProviderKey.objects.create(provider=f"provider-{task.pk}", locked="LOCKED", prefix="sk-ant-", set_by="ann")
        session = Session.objects.create(public_id=f"sess-{uuid.uuid4()}", project=str(row.project_id), role="intern")
        Message.objects.create(
            public_id=f"{task.pk:026}", session=session, role="user", content="<script>alert(2)</script>"
        )
        Deliverable.objects.create(order=row, name="out.md", body="<script>alert(1)</script>", sha256="0" * 64)
        with transaction.atomic():
            budgets.change_limit(kind="order", key=public_id, limit=Decimal(2), actor="board")
            ledger.charge(
                request_id=uuid.uuid4(), amount=Decimal("0.0123"), quality="reported",
                price_id=pricebook.price_of("anthropic", "claude-haiku-5-5", timezone.now(), 10).pk,
                provider="anthropic", model="claude-haiku-5-5", role="admin", project=str(row.project_id),
                order=public_id, run_id=row.run_id, task_id=task.pk, task_key=task.key,
                usage=Usage(input_tokens=10, output_tokens=5),
            )  # fmt: skip
    return ids


def questions(board: Client, url: str, *, before: bool = True) -> int:
    """How many questions a page asks of the database, after it was opened once `before`."""
    if before:
        board.get(url)  # content types and the like are asked once per process
    with CaptureQueriesContext(connection) as asked:
        assert board.get(url).status_code == 200
    return len(asked)
