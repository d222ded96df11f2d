"""Give out a key, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models.functions import Now

from nexus.errors import NexusError
from workorders.models import Project

from . import keys
from .models import SCOPES, ApiKey, User


class UnknownScope(NexusError):
    """There is no such scope."""

    code = "unknown_scope"


@dataclass(frozen=True)
class Issued:
    """A new key: the row, and the token that is shown this once."""

    key: ApiKey
    token: keys.Token


def issue(
    *,
    user: User,
    name: str,
    scopes: Sequence[str] = SCOPES,
    project: Project | None = None,
    expires_at: datetime | None = None,
    token: keys.Token | None = None,
) -> Issued:
    """Store a key for `user`; `token` is for a value that somebody else has drawn already."""
    strange = sorted(set(scopes) - set(SCOPES))
    if strange or not scopes:
        raise UnknownScope(f"Scopes are {', '.join(SCOPES)}", given=strange)
    token = token or keys.Token.fresh()
    key = ApiKey.objects.create(
        public_id=token.public_id,
        digest=keys.digest(token, pepper=settings.SECRET_KEY),
        user=user,
        project=project,
        name=name,
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return Issued(key, token)


def revoke(*, public_id: str) -> bool:
    """End the key now, for good. False when there is no such key or it was revoked before."""
    return bool(ApiKey.objects.filter(public_id=public_id, revoked_at__isnull=True).update(revoked_at=Now()))
