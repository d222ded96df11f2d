"""An agent is asked something by itself: a run of one task, and its end is an invocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from nexus import engine
from nexus.transactions import opens_transaction, requires_transaction

from . import deployments, recording
from .beginning import new_id
from .deployments import Said
from .errors import AgentOffline
from .models import Agent, Job
from .states import AgentStatus

INVOKE = "builder.invoke"
PRIORITY = 3


@requires_transaction
def begin_invocation(
    agent: Agent, *, text: str, user_id: str, session_id: str = "", metadata: Mapping[str, Any] | None = None
) -> Job:
    """Write what is asked and the run that answers it. Raise AgentOffline."""
    if agent.status != AgentStatus.RUNNING:
        raise AgentOffline(f"{agent.name} is {agent.status}", status=agent.status)
    public_id = new_id("task")
    spec = engine.TaskSpec(
        key="invoke", type=INVOKE, input={"task": public_id, "role": agent.public_id}, title=f"Ask {agent.name}"[:100]
    )
    run = engine.submit(tenant=str(agent.tenant_id), subject=public_id, tasks=(spec,), on_failure="fail")
    job = Job(
        public_id=public_id, kind=Job.Kind.INVOKE, tenant_id=agent.tenant_id, project_id=agent.project_id, agent=agent,
        run=run, priority=PRIORITY,
        payload={
            "task_id": public_id, "agent_id": agent.public_id, "input": text, "session_id": session_id,
            "user_id": user_id, "metadata": dict(metadata or {}),
        },
    )  # fmt: skip
    job.save(force_insert=True)
    job.refresh_from_db(fields=("created_at",))
    return job


def invoke(context: engine.Context) -> engine.Outcome:
    """Ask the agent, and write down what it said."""
    job = Job.objects.select_related("agent").get(public_id=context.input["task"])
    agent = job.agent
    if agent is None or agent.status != AgentStatus.RUNNING:
        raise AgentOffline
    began = timezone.now()
    said = deployments.of(agent.deployment_type).answer(
        context, agent, job.payload["input"], session_id=job.payload["session_id"] or context.subject
    )
    context.flush()
    _keep(context, job, said, began)
    return engine.Done(output={"output": said.text[:200], "tokens": said.input_tokens + said.output_tokens})


@opens_transaction
def _keep(context: engine.Context, job: Job, said: Said, began: Any) -> None:
    context.hold()
    recording.succeeded(job, said, began=began)
