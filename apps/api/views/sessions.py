"""Conversations: begin, list, show, close; what was said; say something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import envelope, files, parameters, sessions
from apps.api import session_answers as answers
from apps.api import session_examples as examples
from apps.api.idempotency import once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, PROJECT, problems, query
from apps.api.shapes import MessageIn, SessionIn

F = TypeVar("F", bound=Callable[..., Any])
STATUS = query("status", "Only sessions in this state.", OpenApiTypes.STR, enum=sessions.STATUSES)
MESSAGE = query("message", "The message whose answer is told; by default the newest one.", OpenApiTypes.STR)


def _lists(operation_id: str, summary: str, *more: int) -> Callable[[F], F]:
    """What is said of a list of sessions, whoever's they are."""
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        parameters=[PAGE_SIZE, CURSOR, STATUS, PROJECT],
        responses={200: answers.SessionPage, **problems(*sorted((400, 401, 403, 503, *more)))},
        examples=[examples.SESSIONS],
    )


def _begins(operation_id: str, summary: str) -> Callable[[F], F]:
    """What is said of the beginning of a session, whoever it is with."""
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        parameters=[IDEMPOTENCY_KEY],
        request=SessionIn,
        responses={201: answers.SessionEnvelope, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.BEGIN, examples.BEGUN],
    )


class Sessions(APIView):
    """The conversations of the caller's projects."""

    @_lists("listSessions", "List sessions, newest first")
    def get(self, request: Request) -> Response:
        """List what the caller may see."""
        return sessions.page_of(request)

    @_begins("beginSession", "Begin a session with an agent")
    def post(self, request: Request) -> Response:
        """Begin; nothing is said yet."""
        return _begin(request)


class AgentSessions(APIView):
    """The conversations with one agent."""

    @_lists("listSessionsOfAgent", "List the sessions of an agent, newest first", 404)
    def get(self, request: Request, agent_id: str) -> Response:
        """List what the caller may see."""
        return sessions.page_of(request, agent_id)

    @_begins("beginSessionOfAgent", "Begin a session with this agent")
    def post(self, request: Request, agent_id: str) -> Response:
        """Begin; nothing is said yet."""
        return _begin(request, agent_id)


class OneSession(APIView):
    """One conversation."""

    @extend_schema(
        operation_id="getSession",
        summary="Show a session",
        responses={200: answers.SessionEnvelope, **problems(400, 401, 403, 404, 503)},
        examples=[examples.BEGUN],
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Show it, with what it has cost."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(sessions.shown(sessions.find(request, session_id))))

    @extend_schema(
        operation_id="closeSession",
        summary="Close a session",
        description="What is being answered is stopped, what waits is not answered. What was said is kept.",
        responses={200: answers.SessionEnvelope, **problems(400, 401, 403, 404, 503)},
        examples=[examples.BEGUN],
    )
    def delete(self, request: Request, session_id: str) -> Response:
        """Close it; one that is closed stays so."""
        parameters.only(request.query_params, ())
        session = sessions.find_to_change(request, session_id)
        with transaction.atomic():
            sessions.closed(session)
        return envelope.around(request, Response(sessions.shown(sessions.find(request, session_id))), "Session closed")


class Messages(APIView):
    """What was said in a conversation."""

    @extend_schema(
        operation_id="listMessages",
        summary="List the messages of a session, newest first",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: answers.MessagePage, **problems(400, 401, 403, 404, 503)},
        examples=[examples.MESSAGES],
    )
    def get(self, request: Request, session_id: str) -> Response:
        """List them."""
        return sessions.history_of(request, sessions.find(request, session_id))

    @extend_schema(
        operation_id="sendMessage",
        summary="Say something; the answer follows by itself",
        parameters=[IDEMPOTENCY_KEY],
        request=MessageIn,
        responses={201: answers.MessageEnvelope, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.SAY, examples.SAID],
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Take in what is said and answer at once; the agent's answer becomes a message of its own."""
        return _say(request, session_id)


class Stream(APIView):
    """Say something and hear the answer while it is written. What is told is told by apps/live."""

    @extend_schema(
        operation_id="streamSession",
        summary="Go on hearing an answer",
        description="As the stream that `POST` answers with; from the beginning of the answer, also when it is over.",
        parameters=[MESSAGE],
        responses={(200, "text/event-stream"): OpenApiTypes.STR, **problems(400, 401, 403, 404, 503)},
        examples=[examples.STREAM],
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Described here, answered by the stream."""
        return Response(sessions.shown(sessions.find(request, session_id)))

    @extend_schema(
        operation_id="streamMessage",
        summary="Say something and hear the answer while it is written",
        description=(
            "Frames are `data: <json>` and an empty line. `event` in the JSON is `connected`, `message` (`type` is "
            "`text`, `tool_use`, `tool_input`, `tool_end` or `message_stop`), `metrics`, `error` or `done`. A client "
            "that leaves stops nothing: `GET` the same address goes on. Where words were lost on the way, or the "
            "answer was begun anew, a message of the type `text_replace` says all of it once more."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=MessageIn,
        responses={
            (200, "text/event-stream"): OpenApiTypes.STR,
            **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
        examples=[examples.SAY, examples.STREAM],
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Take in what is said."""
        return _say(request, session_id)


def _begin(request: Request, agent_id: str | None = None) -> Response:
    parameters.only(request.query_params, ())
    asked = SessionIn(data=request.data)
    asked.is_valid(raise_exception=True)
    given = asked.validated_data | ({} if agent_id is None else {"agent_id": agent_id})
    return envelope.around(request, once(request, lambda: sessions.begun(given, caller_of(request))), "Session created")


def _say(request: Request, session_id: str) -> Response:
    parameters.only(request.query_params, ())
    asked = MessageIn(data=request.data)
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    session = sessions.find_to_change(request, session_id)
    # Files are looked at and kept before the transaction: the same ones are kept once, however often this is sent.
    kept = files.kept(given["files"], project=session.project, caller=caller_of(request))
    return envelope.around(request, once(request, lambda: sessions.said(session, given, kept)), "Message sent")
