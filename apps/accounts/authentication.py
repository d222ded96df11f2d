"""A request's key -> its user. Shape first, then one query, then the secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.settings import api_settings

from nexus import statements

from . import keys
from .access import Caller, caller_of
from .models import ApiKey, User

log = logging.getLogger("nexus.accounts")
TOUCH_EVERY = timedelta(minutes=1)
IN_A_URL = re.compile(r"nx_[A-Za-z0-9]{4,32}_[A-Za-z0-9_-]{8,}", re.ASCII)
REALM = 'Bearer realm="nexus"'


class KeyInQuery(APIException):
    """A key in a URL is in logs and histories too: it is refused even when it is right."""

    status_code = 400
    default_detail = (
        "API keys do not belong in URLs, which are written to logs. Send it as 'Authorization: Bearer …', "
        "and revoke the key that was in this URL."
    )
    default_code = "key_in_query"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer nx_<id>_<secret>`; any other scheme is left to the next class."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the key's user and the key; None when the request has no bearer key."""
        refuse_key_in(request.query_params)
        text = bearer_of(request.META.get("HTTP_AUTHORIZATION", ""))
        if text is None:
            return None
        key = open_with(text)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return REALM


def bearer_of(authorization: str) -> str | None:
    """Return what the header carries after `Bearer `; None when it is of another scheme."""
    scheme, _, text = authorization.partition(" ")
    return text if scheme.lower() == "bearer" else None


def refuse_key_in(query: QueryDict | Mapping[str, str]) -> None:
    """Raise KeyInQuery when a value of `query` looks like a key."""
    values = (
        (value for _, found in query.lists() for value in found) if isinstance(query, QueryDict) else query.values()
    )
    if any(IN_A_URL.search(value) for value in values):
        raise KeyInQuery


def open_with(text: str) -> ApiKey:
    """Return the usable key that `text` is, with its user, or raise AuthenticationFailed.

    An unknown id and a wrong secret are answered alike. Who has the right secret is told what is wrong with it.
    """
    token = keys.Token.parse(text)
    if token is None:
        raise AuthenticationFailed("This is not an API key: it looks like nx_<id>_<secret>.", "malformed_key")
    key = ApiKey.objects.with_owner().filter(public_id=token.public_id).first()
    if not keys.matches(token, key.digest if key else "", peppers=peppers()) or key is None:
        raise AuthenticationFailed("The API key is not valid.", "invalid_key")
    if key.revoked_at is not None:
        raise AuthenticationFailed("The API key was revoked.", "key_revoked")
    if key.expires_at is not None and key.expires_at <= timezone.now():
        raise AuthenticationFailed("The API key has expired.", "key_expired")
    if not key.user.is_active:
        raise AuthenticationFailed("The API key is not valid.", "invalid_key")
    _touch(key)
    return key


def still_usable(key_ids: Collection[int]) -> set[int]:
    """Return those of these keys that are usable now."""
    statement, params = _usable()
    return {pk for (pk,) in statements.hot(statement, [*params, list(key_ids)])}


@lru_cache(maxsize=1)
def _usable() -> tuple[str, tuple[Any, ...]]:
    """The question of the queryset, spelt once: it is asked for every batch of orders."""
    statement, params = ApiKey.objects.usable().values("pk").query.sql_with_params()
    return f"SELECT pk FROM ({statement}) AS usable WHERE pk = ANY(%s)", params  # noqa: S608 - no word of it came from outside


def caller_for(request: HttpRequest) -> Caller:
    """Return who asks, for views that are not DRF's: by the same classes, with the same refusals."""
    asked = Request(request, authenticators=[kind() for kind in _kinds()])
    if not asked.user.is_authenticated:
        raise NotAuthenticated
    return caller_of(asked)


def _kinds() -> Sequence[type[BaseAuthentication]]:
    return cast("Sequence[type[BaseAuthentication]]", api_settings.DEFAULT_AUTHENTICATION_CLASSES)


def peppers() -> list[str]:
    """Keys outlive a rotated SECRET_KEY as long as the old one is named among its fallbacks."""
    return [str(pepper) for pepper in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _touch(key: ApiKey) -> None:
    """Note the use, at most once a minute; a database that only reads does not keep anybody out."""
    if key.last_used_at is not None and timezone.now() - key.last_used_at < TOUCH_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - TOUCH_EVERY)
    try:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=Now())
    except (DatabaseError, InterfaceError) as error:
        log.warning("use of key %s not noted: %s", key.public_id, type(error).__name__)
