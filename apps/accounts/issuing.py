"""Give out a key, take it back. A key that was made with another gives no more than that one, and ends with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from nexus import engine
from nexus.errors import NexusError
from nexus.transactions import requires_transaction
from workorders import audit
from workorders.models import Project

from . import keys
from .access import Caller, readable
from .models import SCOPES, ApiKey, User

_END = """
WITH RECURSIVE made AS (
    SELECT id FROM accounts_apikey WHERE id = %s
    UNION SELECT k.id FROM accounts_apikey k JOIN made ON k.made_by_id = made.id
)
UPDATE accounts_apikey SET revoked_at = now() WHERE revoked_at IS NULL AND id IN (SELECT id FROM made)
"""


class UnknownScope(NexusError):
    """There is no such scope."""

    code = "unknown_scope"


class MoreThanItsMaker(NexusError):
    """A key gives no more than the one that it is made with."""

    code = "more_than_its_maker"


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
    made_by: ApiKey | None = None,
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
        made_by=made_by,
    )
    return Issued(key, token)


@requires_transaction
def issue_for(
    caller: Caller, *, name: str, scopes: Sequence[str] | None, project: Project | None, expires_at: datetime | None
) -> Issued:
    """Make a key for who asks: in no point more than they have come with. Raise MoreThanItsMaker, UnknownScope.

    What is not said is as much as may be, but the right to give out keys, which is asked for by name.
    """
    maker = caller.key
    if maker is not None:
        # Its row is held until the commit: who revokes it meanwhile waits, and then finds what was made with it.
        if not ApiKey.objects.usable().filter(pk=maker.pk).select_for_update(of=("self",)).exists():
            raise MoreThanItsMaker("The key that asks is not in use any more")
        if maker.project_id is not None:
            project = maker.project if project is None else project
            if project is None or project.pk != maker.project_id:
                raise MoreThanItsMaker(pointer="/project")
        if maker.expires_at is not None:
            expires_at = maker.expires_at if expires_at is None else expires_at
            if expires_at > maker.expires_at:
                raise MoreThanItsMaker(pointer="/days")
    if project is not None and not readable(caller).filter(pk=project.pk).exists():
        raise MoreThanItsMaker(pointer="/project")
    wanted = [scope for scope in SCOPES[:2] if caller.has(scope)] if scopes is None else list(dict.fromkeys(scopes))
    if over := [place for place, scope in enumerate(wanted) if not caller.has(scope)]:
        raise MoreThanItsMaker(pointer=f"/scopes/{over[0]}")
    made = issue(
        user=caller.user, name=name, scopes=wanted, project=project, expires_at=expires_at, made_by=maker
    )  # fmt: skip
    remember("api_key.issued", made.key, actor=caller.user.get_username())
    return made


@transaction.atomic
def revoke(*, public_id: str, actor: str = "") -> bool:
    """End the key and all that were made with it, now and for good. False when there is none in use.

    The key's row is taken first: whoever is making another with it has committed by then, and that one ends too.
    """
    key = ApiKey.objects.select_for_update().filter(public_id=public_id, revoked_at__isnull=True).first()
    if key is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_END, [key.pk])
    remember("api_key.revoked", key, actor=actor)
    return True


def remember(action: str, key: ApiKey, *, actor: str) -> None:
    """Write into the audit log who did it; never what opens anything."""
    audit.record(
        action=action, actor=actor, channel=engine.door(), project=key.project_id, key=str(key), name=key.name,
        user=key.user.get_username(),
    )  # fmt: skip
