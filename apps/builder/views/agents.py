"""Agents: list, show, change, delete, ask."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.sessions import opening
from apps.accounts.access import caller_of
from apps.api import envelope, idempotency, numbered, parameters
from apps.api.idempotency import Answer
from apps.api.schema import IDEMPOTENCY_KEY, problems, query
from apps.builder import answers, changing, contracts, examples, finding, invoking, recording, showing
from apps.builder.errors import InvocationFailed
from apps.builder.models import Agent, Invocation, Job
from apps.builder.shapes import AgentIn, InvokeIn
from nexus import engine
from workorders import watching

STATUS = query("status", "Only agents in this state.", OpenApiTypes.STR, enum=answers.AGENT_STATUSES)
CATEGORY = query("category", "Only agents of this category.", OpenApiTypes.STR, enum=list(contracts.CATEGORIES))
OF_PROJECT = query("project_id", "Only agents of this project.", OpenApiTypes.STR)
_waiting = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))
"""Requests that wait for an agent hold a thread each; half of them are left to everybody else."""


class Agents(APIView):
    """The agents that were built."""

    @extend_schema(
        operation_id="listAgents",
        summary="List agents, newest first",
        parameters=[*numbered.PAGES, STATUS, CATEGORY, OF_PROJECT],
        responses={200: answers.paged(answers.AgentOut), **problems(400, 401, 403, 503)},
        examples=[examples.page("A page", examples.AGENT)],
    )
    def get(self, request: Request) -> Response:
        """List what the caller may see."""
        asked = request.query_params
        parameters.only(asked, (*numbered.NAMES, "status", "category", "project_id"))
        rows = finding.agents(request)
        if (status := parameters.one_of(asked, "status", answers.AGENT_STATUSES)) is not None:
            rows = rows.filter(status=status)
        if (category := parameters.one_of(asked, "category", contracts.CATEGORIES)) is not None:
            rows = rows.filter(category=category)
        if (project := asked.get("project_id")) is not None:
            rows = rows.filter(project__public_id=project[:64])
        return numbered.listed(request, rows, showing.agents)


class OneAgent(APIView):
    """One agent."""

    @extend_schema(
        operation_id="getAgent",
        summary="Show an agent",
        responses={200: answers.enveloped(answers.AgentWhole), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("The agent", examples.WHOLE)],
    )
    def get(self, request: Request, agent_id: str) -> Response:
        """Show it, with its prompt and its program."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(showing.agent_whole(finding.agent(request, agent_id))))

    @extend_schema(
        operation_id="updateAgent",
        summary="Change an agent",
        description="What is not named stays. An agent that runs is at once as it was changed.",
        request=AgentIn,
        responses={
            200: answers.enveloped(answers.AgentWhole),
            **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
        examples=[examples.OFFLINE, examples.answered("The agent", examples.WHOLE)],
    )
    def put(self, request: Request, agent_id: str) -> Response:
        """Change it."""
        parameters.only(request.query_params, ())
        given = AgentIn(data=request.data)
        given.is_valid(raise_exception=True)
        agent = finding.agent_to_change(request, agent_id)
        with transaction.atomic():
            changing.change(agent.pk, given.validated_data)
        shown = showing.agent_whole(finding.agent(request, agent_id))
        return envelope.around(request, Response(shown), "Agent updated")

    @extend_schema(
        operation_id="deleteAgent",
        summary="Delete an agent",
        description="Nobody can invoke it or talk with it any more; what it was asked stays in the statistics.",
        responses={200: answers.enveloped(answers.Gone), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("Deleted", {"id": examples.AGENT_ID, "deleted": True})],
    )
    def delete(self, request: Request, agent_id: str) -> Response:
        """Delete it."""
        parameters.only(request.query_params, ())
        agent = finding.agent_to_change(request, agent_id)
        with transaction.atomic():
            left = changing.delete(agent.pk)
        for run_id in left:
            opening.stop(run_id, reason="agent deleted")
        changing.take_away(agent)
        return envelope.around(request, Response({"id": agent_id, "deleted": True}), "Agent deleted")


class Invoke(APIView):
    """Ask an agent something."""

    @extend_schema(
        operation_id="invokeAgent",
        summary="Ask an agent something, and wait for its answer",
        description=(
            "200 with the answer where it comes within `wait_seconds`; else 202 with the task that goes on, at "
            "`Location`. 502 `invocation_failed` where the agent did not answer; 409 `agent_offline`."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=InvokeIn,
        responses={
            200: answers.enveloped(answers.InvocationOut),
            202: answers.enveloped(answers.JobOut),
            **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
        examples=[
            examples.INVOKE,
            examples.answered("The answer", examples.INVOCATION),
            examples.answered("Not yet", examples.JOB, status="202"),
        ],
    )
    def post(self, request: Request, agent_id: str) -> Response:
        """Ask it."""
        parameters.only(request.query_params, ())
        said = InvokeIn(data=request.data)
        said.is_valid(raise_exception=True)
        agent = finding.agent_to_change(request, agent_id)
        ticket = idempotency.once(request, lambda: _begun(request, agent, said.validated_data))
        return _answered(request, ticket, within=said.validated_data["wait_seconds"])


class AgentInvocations(APIView):
    """What an agent was asked."""

    @extend_schema(
        operation_id="listInvocationsOfAgent",
        summary="List what an agent was asked, newest first",
        parameters=[*numbered.PAGES],
        responses={200: answers.paged(answers.InvocationOut), **problems(400, 401, 403, 404, 503)},
        examples=[examples.page("A page", examples.INVOCATION)],
    )
    def get(self, request: Request, agent_id: str) -> Response:
        """By itself and in sessions."""
        parameters.only(request.query_params, numbered.NAMES)
        rows = finding.invocations(request).filter(agent=finding.agent(request, agent_id))
        return numbered.listed(request, rows, lambda page: [showing.invocation(row) for row in page])


def _begun(request: Request, agent: Agent, said: dict[str, object]) -> Answer:
    job = invoking.begin_invocation(
        agent, text=str(said["input"]), user_id=caller_of(request).user.get_username(),
        session_id=str(said["session_id"]), metadata=said.get("metadata"),  # type: ignore[arg-type]  # the shape says so
    )  # fmt: skip
    shown = showing.jobs([Job.objects.with_status().select_related("project", "agent", "run").get(pk=job.pk)])[0]
    return Answer(202, shown, f"/api/v2/tasks/{job.public_id}")


def _answered(request: Request, ticket: Response, *, within: int) -> Response:
    """The answer, where it comes in time."""
    job = Job.objects.get(public_id=ticket.data["task_id"])
    _wait(job.run_id, within)
    found = Invocation.objects.select_related("agent").filter(run_id=job.run_id).first()
    if found is None and not engine.runs.filter(pk=job.run_id, state=engine.RunState.OPEN).exists():
        recording.failed(job)
        found = Invocation.objects.select_related("agent").get(run_id=job.run_id)
    if found is None:
        ticket.data = showing.jobs([finding.job(request, job.public_id)])[0]
        return envelope.around(request, ticket, "The agent is still at work")
    if found.status == "failed":
        raise InvocationFailed(found.error_message)
    headers = {name: ticket[name] for name in ("Idempotency-Replayed",) if name in ticket}
    return envelope.around(request, Response(showing.invocation(found), headers=headers), "Agent answered")


def _wait(run_id: int, within: int) -> None:
    """Return when the run has ended, or after so many seconds; at once where too many wait already."""
    if not within or not _waiting.acquire(blocking=False):
        return
    try:
        for _ in watching.events(run_id, after=0, within=within):
            pass
    except TimeoutError:
        pass
    finally:
        _waiting.release()
