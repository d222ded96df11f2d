"""Updates that Telegram brings: kept, if they come with the secret. The bot handles them; the answer is quick."""

from __future__ import annotations

import hmac
import json
import re
from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.errors import BadBody

from . import inbox

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Telegram:
    """Who brings updates. No user: it may do nothing else."""

    is_authenticated = True
    is_active = True


class BySecret(BaseAuthentication):
    """The secret that was given to Telegram with the webhook. It is looked at before the body is."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        """Let Telegram in, and nobody else; nobody at all where no secret is set."""
        said = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        secret = settings.TELEGRAM_WEBHOOK_SECRET.encode()
        # Compared in any case, and in constant time: neither how long it takes nor what is said tells anything.
        is_right = hmac.compare_digest(said, secret)
        if not (is_right and secret):
            raise NotAuthenticated
        return Telegram(), None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 names."""
        return HEADER


class Webhook(APIView):
    """Where Telegram brings updates."""

    authentication_classes = (BySecret,)
    permission_classes = (IsAuthenticated,)

    @extend_schema(exclude=True)  # it is Telegram's own, and described there
    def post(self, request: Request) -> Response:
        """Keep one update; one that is there already is taken as well, or Telegram brings it again."""
        update = json.loads(json.dumps(request.data, default=float))
        number = update.get("update_id")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**63:
            raise BadBody("An update has an update_id.", "invalid", "#/update_id")
        with transaction.atomic():
            inbox.keep([update])
        return Response({"ok": True})
