"""Who is who: one-time codes, accounts, what an account may see and do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone, translation

from apps.accounts import access
from apps.accounts.access import Caller
from apps.accounts.models import Membership, User
from nexus import engine
from nexus.transactions import requires_transaction
from workorders import audit
from workorders.models import WorkOrder

from .errors import CodeInvalid, MayOnlyRead
from .models import Account, LinkCode

GOOD_FOR = timedelta(minutes=15)
DECIDE = "nexus.decide_approval"
"""What makes somebody one of the Board: the same permission as in the admin."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code as it is told once."""

    code: str
    expires_at: datetime


def new_code(user: User) -> Code:
    """A code that whoever sends it to the bot is `user` by. Earlier ones that nobody used are good no more."""
    LinkCode.objects.filter(user=user, used_at__isnull=True).delete()
    code, until = secrets.token_urlsafe(16), timezone.now() + GOOD_FOR
    LinkCode.objects.create(digest=_digest(code), user=user, expires_at=until)
    return Code(code=code, expires_at=until)


@requires_transaction
def link(code: str, *, telegram_id: int, username: str, language: str) -> Account:
    """From now on this Telegram account is the code's user. Raise CodeInvalid."""
    found = LinkCode.objects.filter(digest=_digest(code), used_at__isnull=True, expires_at__gt=Now())
    # Who else sends the same code waits for this row, and finds it used.
    if not found.update(used_at=Now()):
        raise CodeInvalid
    user = User.objects.get(pk=LinkCode.objects.values_list("user_id", flat=True).get(digest=_digest(code)))
    if not user.is_active:
        raise CodeInvalid
    facts = {"user": user, "username": username[:64], "language": language, "blocked_at": None}
    account, _ = Account.objects.update_or_create(telegram_id=telegram_id, defaults=facts)
    audit.record(action="telegram.linked", actor=user.get_username(), channel="telegram", telegram_id=telegram_id)
    return account


def of_telegram(telegram_id: int) -> Account | None:
    """The account of somebody who may use Nexus."""
    return Account.objects.filter(telegram_id=telegram_id, user__is_active=True).select_related("user").first()


def of_users(names: Iterable[str]) -> list[Account]:
    """The live accounts of users with these names."""
    return list(Account.objects.live().filter(user__username__in=list(names)).order_by("id"))


def caller(account: Account) -> Caller:
    """As the API knows who asks."""
    return Caller(user=account.user)


def is_board(account: Account) -> bool:
    """May they decide what comes before the Board?"""
    return account.user.is_active and account.user.has_perm(DECIDE)


def order_of(account: Account, public_id: str) -> WorkOrder:
    """The order, if they may see it. Raise NotThere: unknown and somebody else's are the same."""
    found = access.orders(caller(account)).select_related("run", "project").named(public_id.upper()).first()
    if found is None:
        raise engine.NotThere
    return found


def order_to_change(account: Account, public_id: str) -> WorkOrder:
    """As `order_of`, where they may change it. Raise MayOnlyRead where they may not."""
    order = order_of(account, public_id)
    if not access.writable(caller(account)).filter(pk=order.project_id).exists():
        raise MayOnlyRead
    return order


def approvals_of(account: Account) -> engine.ApprovalQuerySet:
    """The approvals that they may have a word in, of projects they may change; the Board has one everywhere."""
    if is_board(account):
        return engine.approvals.select_related("run", "task")
    tenants = [str(pk) for pk in access.writable(caller(account)).values_list("pk", flat=True)]
    return engine.approvals.of_tenants(tenants).select_related("run", "task")


def may_decide(approval: engine.Approval, accounts: Iterable[Account]) -> list[Account]:
    """Those of `accounts` who may decide it, by the terms that it was asked on."""
    tenant = approval.run.tenant
    members = Membership.objects.that_write().filter(project_id=int(tenant)) if tenant.isdecimal() else None
    writers = set(members.values_list("user_id", flat=True)) if members is not None else set()
    return [
        account for account in accounts
        if not approval.approvers or account.user.get_username() in approval.approvers
        if not (approval.four_eyes and account.user.get_username() == approval.requester)
        if account.user_id in writers or is_board(account)
    ]  # fmt: skip


@contextmanager
def in_language_of(account: Account | None, spoken: str = "") -> Iterator[None]:
    """Words are in their language inside."""
    with translation.override(account.language if account is not None else language_of(spoken)):
        yield


def language_of(code: str | None) -> str:
    """One of ours, for what Telegram says of somebody's language."""
    known = [name for name, _ in settings.LANGUAGES]
    return next((name for name in known if (code or "").lower().startswith(name[:2])), settings.LANGUAGE_CODE)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
