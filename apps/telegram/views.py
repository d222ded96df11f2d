"""Linking: a code for the caller, the accounts that are theirs, and letting one go."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.api import parameters
from apps.api.answers import Shape
from apps.api.fields import StrictSerializer
from apps.api.schema import problems

from . import people
from .models import Account


class TelegramCode(Shape):
    """A code, told once."""

    code = s.CharField()
    command = s.CharField(help_text="What to send to the bot.")
    expires_at = s.DateTimeField()


class TelegramAccount(Shape):
    """Somebody on Telegram who acts as the caller."""

    id = s.IntegerField()
    telegram_id = s.IntegerField()
    username = s.CharField(allow_blank=True)
    language = s.CharField()
    linked_at = s.DateTimeField()
    stopped = s.BooleanField(help_text="They have stopped the bot.")


class TelegramAccounts(Shape):
    """All of the caller's."""

    results = TelegramAccount(many=True)


class Nothing(StrictSerializer):
    """A body without fields."""


CODE = {"code": "Zk3rM1mJ8o0cQm6T2b9X4A", "command": "/start Zk3rM1mJ8o0cQm6T2b9X4A"}
ONE = {"id": 1, "telegram_id": 42, "username": "ann", "language": "en", "linked_at": "2026-11-22T08:00:00+00:00",
       "stopped": False}  # fmt: skip
GIVEN = OpenApiExample(
    "A code", value={**CODE, "expires_at": "2026-11-22T08:15:00+00:00"}, response_only=True, status_codes=["201"]
)
LISTED = OpenApiExample("One phone", value={"results": [ONE]}, response_only=True, status_codes=["200"])


class Codes(APIView):
    """One-time codes."""

    @extend_schema(
        operation_id="createTelegramCode",
        summary="Get a code that links a Telegram account to the caller",
        description=(
            "Good once, for fifteen minutes: whoever sends it to the bot acts as the caller there. Each call gives a "
            "new one and ends the one before, so it takes no Idempotency-Key."
        ),
        request=Nothing,
        responses={201: TelegramCode, **problems(400, 401, 403, 413, 415, 503)},
        examples=[GIVEN],
    )
    def post(self, request: Request) -> Response:
        """Make one."""
        parameters.only(request.query_params, ())
        Nothing(data=request.data).is_valid(raise_exception=True)
        made = people.new_code(cast(User, request.user))
        told = {"code": made.code, "command": f"/start {made.code}", "expires_at": made.expires_at.isoformat()}
        return Response(told, status=201)


class Accounts(APIView):
    """The caller's Telegram accounts."""

    @extend_schema(
        operation_id="listTelegramAccounts",
        summary="Show who acts as the caller on Telegram",
        responses={200: TelegramAccounts, **problems(400, 401, 403, 503)},
        examples=[LISTED],
    )
    def get(self, request: Request) -> Response:
        """Show them."""
        parameters.only(request.query_params, ())
        return _listed(request)


class OneAccount(APIView):
    """One of them."""

    @extend_schema(
        operation_id="unlinkTelegramAccount",
        summary="Let a Telegram account act as the caller no more",
        description="From then on the bot does not know it. Those that are left are shown.",
        request=None,
        responses={200: TelegramAccounts, **problems(400, 401, 403, 404, 503)},
        examples=[LISTED],
    )
    def delete(self, request: Request, id: int) -> Response:
        """Let it go."""
        parameters.only(request.query_params, ())
        gone, _rows = _mine(request).filter(pk=id).delete()
        if not gone:
            raise NotFound("There is no such Telegram account.")
        return _listed(request)


def _mine(request: Request) -> Any:
    return Account.objects.filter(user=cast(User, request.user)).order_by("id")


def _listed(request: Request) -> Response:
    return Response({"results": [_shown(one) for one in _mine(request)]})


def _shown(one: Account) -> dict[str, Any]:
    return {
        "id": one.pk, "telegram_id": one.telegram_id, "username": one.username, "language": one.language,
        "linked_at": one.linked_at.isoformat(), "stopped": one.blocked_at is not None,
    }  # fmt: skip
