"""What came of an invocation: one row when it is over, whoever asked and however it ended."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from agents.sessions.models import Message
from nexus import engine
from nexus.transactions import opens_transaction, requires_transaction

from .beginning import new_id
from .deployments import Said
from .models import Agent, Invocation, Job

AT_ONCE = 200
LONGEST_ERROR = 2_000


@requires_transaction
def succeeded(job: Job, said: Said, *, began: datetime) -> None:
    """It answered. Written once: an execution that was repeated finds the row."""
    _write(
        job.run_id, agent_id=_agent(job), session_id=job.payload["session_id"], user_id=job.payload["user_id"],
        input_text=job.payload["input"], output_text=said.text, status="success", began=began,
        input_tokens=said.input_tokens, output_tokens=said.output_tokens, cost_usd=said.cost_usd,
        metadata={**job.payload["metadata"], **said.metadata},
    )  # fmt: skip


@opens_transaction
def failed(job: Job) -> None:
    """Its run ended without an answer."""
    _write(
        job.run_id, agent_id=_agent(job), session_id=job.payload["session_id"], user_id=job.payload["user_id"],
        input_text=job.payload["input"], status="failed", error_message=why(job.run_id), began=job.created_at,
        metadata=job.payload["metadata"],
    )  # fmt: skip


def write_down_the_dead() -> int:
    """Write down the invocations whose run ended without an answer; return how many."""
    over = engine.runs.exclude(state=engine.RunState.OPEN).filter(pk=OuterRef("run_id"))
    told = Invocation.objects.filter(run_id=OuterRef("run_id"))
    left = Job.objects.filter(Exists(over), ~Exists(told), kind=Job.Kind.INVOKE).order_by("id")[:AT_ONCE]
    for job in left:
        failed(job)
    return len(left)


def of_turn(message: Message, answer: Message | None) -> None:
    """A turn of a session with a built agent is an invocation too."""
    agent = Agent.objects.filter(public_id=message.session.role).values_list("pk", flat=True).first()
    if agent is None or message.run_id is None:
        return
    run = engine.runs.get(pk=message.run_id)
    usage: dict[str, Any] = {} if answer is None else answer.metadata.get("usage", {})
    ended = {"status": "failed", "error_message": why(run.pk)} if answer is None else {"status": "success"}
    _write(
        run.pk, agent_id=agent, session_id=message.session.public_id, user_id=message.session.starter,
        input_text=message.content, output_text="" if answer is None else answer.content, began=run.created_at,
        input_tokens=usage.get("input_tokens", 0), output_tokens=usage.get("output_tokens", 0),
        cost_usd=Decimal(usage.get("cost_usd", "0")), metadata={"message_id": message.public_id}, **ended,
    )  # fmt: skip


def why(run_id: int) -> str:
    """Why a run ended without an answer."""
    tasks = engine.tasks.of(run_id).values_list("error", "wait")
    said = [told["message"] for both in tasks for told in both if told]
    state = engine.runs.filter(pk=run_id).values_list("state", flat=True).first()
    return str(said[0] if said else f"It was {state}")[:LONGEST_ERROR]


def _agent(job: Job) -> int:
    assert job.agent_id is not None
    return job.agent_id


@requires_transaction
def _write(run_id: int, *, began: datetime, **told: Any) -> None:
    took = max(0, round((timezone.now() - began).total_seconds() * 1000))
    row = Invocation(public_id=new_id("inv"), run_id=run_id, duration_ms=took, **told)
    Invocation.objects.bulk_create([row], ignore_conflicts=True)
