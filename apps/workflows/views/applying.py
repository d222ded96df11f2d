"""A workflow carried out, and its answer: at once where it is quick, else where to look.

Whoever waits here stands: it takes no thread and no connection to Postgres, but for each look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.db import DatabaseSyncToAsync
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import access
from apps.accounts.access import caller_of
from apps.api import parameters, problems
from apps.api.answers import Shape, Tokens
from apps.api.fields import Flag, Integer, Money, StrictSerializer, Text
from apps.api.idempotency import Answer, once
from apps.api.schema import IDEMPOTENCY_KEY
from apps.api.schema import problems as told_problems
from apps.workflows import answering, examples, knowledge, memory, reach, starting
from apps.workflows.models import Execution
from nexus import engine
from workorders.offers import Wish

LONGEST_WAIT = 60
MOST_WAITING = 200
"""Requests that stand and wait in this process; who comes after them is told where to look."""
LOOKS = (0.05, 0.5)
"""Seconds between two looks: first and at most."""
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="apply")
_standing = {"now": 0}


class ApplyIn(StrictSerializer):
    """What is asked of which workflow."""

    workflow = Text(max_length=100)
    text = Text(max_length=50_000)
    conversation = s.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._:-]*\Z", max_length=128, required=False,
        help_text="Your name for the chat: what was said in it before is remembered.",
    )  # fmt: skip
    project = Text(max_length=64, required=False)
    budget_usd = Money(required=False)
    priority = Integer(min_value=0, max_value=10, default=5)
    wait_seconds = Integer(min_value=0, max_value=LONGEST_WAIT, required=False)
    patient = Flag(
        default=False, help_text="Let it wait for a model that is away, instead of an end with 503."
    )  # fmt: skip
    reset_context = Flag(default=False, help_text="Let the conversation begin anew.")


class StageTold(Shape):
    """A stage that was carried out, or is."""

    stage = s.CharField()
    state = s.CharField()
    schema_valid = s.BooleanField(allow_null=True)
    next = s.CharField(allow_null=True)
    model = s.CharField(allow_null=True)
    tokens = Tokens()
    cost_usd = s.CharField()
    latency_ms = s.IntegerField(allow_null=True)
    annotations = s.ListField(child=s.CharField())
    error = s.CharField(allow_null=True)


class Usage(Shape):
    """What its models took."""

    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    cost_usd = s.CharField()


class Applied(Shape):
    """A workflow's order: its reply, its stages, its usage."""

    order = s.CharField()
    status = s.CharField()
    workflow = s.CharField()
    version = s.IntegerField()
    conversation = s.CharField()
    request_id = s.CharField()
    session_id = s.CharField()
    assistantReply = s.CharField(allow_null=True)  # noqa: N815 — as contracts name it
    stages = StageTold(many=True)
    usage = Usage()
    sandbox = s.BooleanField()
    waiting_for = s.CharField(allow_null=True)
    error = s.DictField(allow_null=True, required=False)
    url = s.CharField()
    look = s.CharField()
    telemetry_url = s.CharField()


class Apply(APIView):
    """A request to a workflow."""

    @extend_schema(
        operation_id="applyWorkflow",
        summary="Carry out a workflow and answer with its reply",
        description=(
            "Waits up to `wait_seconds`, else answers 202 with where to look. The same Idempotency-Key joins the same "
            "run. An answer that breaks its stage's contract: 500 with `validation_error_path`. A model that is away: "
            "503 with Retry-After. Redis away: 503 `REDIS_UNAVAILABLE`, and no model was asked."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=ApplyIn,
        responses={
            200: Applied,
            202: OpenApiResponse(Applied, "It goes on; `look` says where."),
            **told_problems(400, 401, 402, 403, 404, 409, 413, 415, 422, 500, 503),
        },
        examples=[
            examples.given("A question", {"workflow": "rise", "text": "How do I renew my identity card?"}),
            examples.answered("The reply", examples.APPLIED, status_codes=["200", "202"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """File it. What it comes to, `apply` waits for."""
        parameters.only(request.query_params, ())
        asked = ApplyIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        project = reach.to_change(request, given.get("project"))
        row = starting.find(project, given["workflow"])
        # Before anything is written: what the workflow cannot do without.
        if row.body["needs_context"]:
            memory.is_there()
        knowledge.required(project=project, workflow=row.key, needs=row.body["knowledge"])
        wish = Wish(
            requester=caller_of(request).user.get_username(), conversation=given.get("conversation", ""),
            budget_usd=given.get("budget_usd"), priority=given["priority"],
        )  # fmt: skip
        request_id = getattr(request._request, "request_id", "")  # noqa: SLF001 - DRF has no other way to it

        def file() -> Answer:
            order = starting.begin(
                project=project, name=row.key, text=given["text"], wish=wish, patient=given["patient"],
                request_id=request_id, anew=given["reset_context"],
            )  # fmt: skip
            return Answer(202, {"order": order.public_id}, f"/api/workflows/runs/{order.public_id}")

        response = once(request, file)
        response.data["wait_seconds"] = given.get("wait_seconds", settings.WORKFLOW_APPLY_SECONDS)
        return response


class Applications(APIView):
    """An order of a workflow, as it stands."""

    @extend_schema(
        operation_id="getWorkflowRun",
        summary="Show what became of a workflow that was applied",
        responses={200: Applied, **told_problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("The reply", examples.APPLIED)],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        orders = access.orders(caller_of(request)).named(public_id)
        execution = Execution.objects.filter(order__in=orders).select_related("order").first()
        if execution is None:
            raise NotFound("There is no such order of a workflow.")
        return Response(answering.outcome(execution).body)


def on_threads(act: Callable[..., Any]) -> Callable[..., Any]:
    """Let coroutines call `act`, which reads the database."""
    return DatabaseSyncToAsync(act, thread_sensitive=False, executor=_THREADS)  # type: ignore[no-any-return]


_file = on_threads(Apply.as_view())


@csrf_exempt  # as every view of the API: it checks for itself, where a session is used
async def apply(request: HttpRequest) -> HttpResponseBase:
    """File it, stand and wait, answer."""
    filed = await _file(request)
    if filed.status_code >= 400:
        return filed  # type: ignore[no-any-return]
    order, replayed = str(filed.data["order"]), filed.headers.get("Idempotency-Replayed")
    await _until_it_ends(order, until=time.monotonic() + filed.data["wait_seconds"])
    response: JsonResponse = await _answer(request, order)
    if replayed:
        response["Idempotency-Replayed"] = replayed
    return response


def is_one(scope: dict[str, Any]) -> bool:
    """Whether this is a request that may stand and wait."""
    return bool(scope["path"] == "/api/workflows/apply" and scope.get("method") == "POST")


async def _until_it_ends(order: str, *, until: float) -> None:
    pause, most = LOOKS
    if _standing["now"] >= MOST_WAITING:
        return
    _standing["now"] += 1
    try:
        while await _is_open(order) and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            pause = min(most, 1.3 * pause)
    finally:
        _standing["now"] -= 1


@on_threads
def _is_open(order: str) -> bool:
    """Whether there is something to wait for."""
    run = Execution.objects.filter(order__public_id=order, order__run__state=engine.RunState.OPEN)
    return run.exists()


@on_threads
def _answer(request: HttpRequest, order: str) -> JsonResponse:
    execution = Execution.objects.select_related("order").get(order__public_id=order)
    found = answering.outcome(execution)
    headers = {"Location": f"/api/workflows/runs/{order}"}
    if found.retry_after is not None:
        headers["Retry-After"] = str(found.retry_after)
    if not found.is_problem:
        return JsonResponse(found.body, status=found.status, headers=headers)
    problem = problems.Answer(found.status, found.failure, found.detail, headers=headers, more=found.more)
    body = problems.body_of(problem, path=request.path, request_id=getattr(request, "request_id", ""))
    return JsonResponse(body, status=found.status, headers=headers, content_type=problems.MEDIA_TYPE)
