"""API keys: those of the caller. Shown once, listed without their secrets, ended at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import issuing
from apps.accounts.access import Caller, caller_of, readable
from apps.accounts.models import ACCESS_WRITE, SCOPES, ApiKey
from apps.api import pages, parameters
from apps.api.answers import Shape
from apps.api.errors import UnknownProject
from apps.api.fields import Integer, StrictSerializer, Text
from apps.api.idempotency import Answer, shown_once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, problems

AT = "2026-02-17T09:30:00.120000+00:00"
KEY = {
    "id": "Wq3fT8vLx0Zb", "name": "nightly reports", "project": None, "scopes": ["orders:read"], "created_at": AT,
    "expires_at": None, "revoked_at": None, "last_used_at": None, "made_by": None,
}  # fmt: skip
ONE = OpenApiExample("The key", value=KEY, response_only=True)
LIST = OpenApiExample("A page", value={"results": [KEY], "next": None, "previous": None}, response_only=True)
MADE = OpenApiExample("The key, shown once", value={**KEY, "key": "nx_Wq3fT8vLx0Zb_" + "x" * 43}, response_only=True)
ASKED = OpenApiExample(
    "A key that reads for a year", value={"name": "nightly reports", "scopes": ["orders:read"], "days": 365},
    request_only=True,
)  # fmt: skip


class ApiKeyOut(Shape):
    """A key as the server knows it."""

    id = s.CharField()
    name = s.CharField()
    project = s.CharField(allow_null=True, help_text="The only project that it opens; null: all of its user's.")
    scopes = s.ListField(child=s.CharField())
    created_at = s.DateTimeField()
    expires_at = s.DateTimeField(allow_null=True)
    revoked_at = s.DateTimeField(allow_null=True)
    last_used_at = s.DateTimeField(allow_null=True, help_text="To the minute.")
    made_by = s.CharField(allow_null=True, help_text="The key that it was made with, and ends with.")


class ApiKeyWithSecret(ApiKeyOut):
    """A new key."""

    key = s.CharField(allow_null=True, help_text="Shown once; null where this answer is a repeated one.")


class ApiKeyPage(Shape):
    """A page of keys."""

    results = ApiKeyOut(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class ApiKeyIn(StrictSerializer):
    """A key to be made."""

    name = Text(max_length=100, help_text="What it is for.")
    scopes = s.ListField(
        child=s.ChoiceField(SCOPES), min_length=1, max_length=10, required=False,
        help_text="By default orders:read and orders:write, as far as the caller has them.",
    )  # fmt: skip
    project = s.SlugField(max_length=64, required=False, help_text="The only project that it shall open.")
    days = Integer(min_value=1, max_value=3650, required=False, help_text="It expires after so many days.")


class ApiKeys(APIView):
    """The caller's keys."""

    write_scope = ACCESS_WRITE

    @extend_schema(
        operation_id="listApiKeys",
        summary="List the caller's API keys, newest first",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: ApiKeyPage, **problems(400, 401, 403, 503)},
        examples=[LIST],
    )
    def get(self, request: Request) -> Response:
        """List them; a key that is bound to a project sees those of its project."""
        parameters.only(request.query_params, ("cursor", "page_size"))
        page = pages.cut(_seen_by(caller_of(request)), request, of="api-keys")
        found = [_shown(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="createApiKey",
        summary="Make an API key",
        description=(
            "It gives no more than what asks has: neither scopes, nor projects, nor time. It ends when the key that it "
            "was made with is revoked. The answer shows it once; only its digest is stored."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=ApiKeyIn,
        responses={201: ApiKeyWithSecret, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[ASKED, MADE],
    )
    def post(self, request: Request) -> Response:
        """Make it."""
        parameters.only(request.query_params, ())
        asked = ApiKeyIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return shown_once(request, lambda: _made(caller_of(request), asked.validated_data))


class OneApiKey(APIView):
    """One of the caller's keys."""

    write_scope = ACCESS_WRITE

    @extend_schema(
        operation_id="getApiKey",
        summary="Show an API key, without its secret",
        responses={200: ApiKeyOut, **problems(400, 401, 403, 404, 503)},
        examples=[ONE],
    )
    def get(self, request: Request, key_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(_shown(_find(request, key_id)))

    @extend_schema(
        operation_id="revokeApiKey",
        summary="End an API key, and those that were made with it",
        description="From the answer on it opens nothing. Doing it twice is doing it once.",
        responses={200: ApiKeyOut, **problems(400, 401, 403, 404, 503)},
        examples=[ONE],
    )
    def delete(self, request: Request, key_id: str) -> Response:
        """End it."""
        parameters.only(request.query_params, ())
        issuing.revoke(public_id=_find(request, key_id).public_id, actor=request.user.get_username())
        return Response(_shown(_find(request, key_id)))


def _seen_by(caller: Caller) -> QuerySet[ApiKey]:
    rows = ApiKey.objects.filter(user=caller.user).select_related("project", "made_by")
    if caller.key is not None and caller.key.project_id is not None:
        rows = rows.filter(project=caller.key.project_id)
    return rows


def _find(request: Request, key_id: str) -> ApiKey:
    found = _seen_by(caller_of(request)).filter(public_id=key_id).first()
    if found is None:
        raise NotFound("There is no such key.")
    return found


def _made(caller: Caller, given: dict[str, Any]) -> tuple[Answer, dict[str, str]]:
    project = None
    if (slug := given.get("project")) is not None:
        project = readable(caller).filter(slug=slug).first()
        if project is None:
            raise UnknownProject(pointer="#/project")
    expires_at = timezone.now() + timedelta(days=given["days"]) if "days" in given else None
    made = issuing.issue_for(
        caller, name=given["name"], scopes=given.get("scopes"), project=project, expires_at=expires_at
    )
    made.key.refresh_from_db()
    body = {**_shown(made.key), "key": None}
    return Answer(201, body, f"/api/v2/api-keys/{made.key.public_id}"), {"key": str(made.token)}


def _shown(key: ApiKey) -> dict[str, Any]:
    moments = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return {
        "id": key.public_id,
        "name": key.name,
        "project": key.project.slug if key.project else None,
        "scopes": key.scopes,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "made_by": key.made_by.public_id if key.made_by else None,
    }
