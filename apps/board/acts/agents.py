"""What is done to those who work: a role rolled back, the key of a provider set or forgotten."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents import keys, roles
from agents.models import ProviderKey, RoleVersion

from .act import Act, Target
from .forms import Because, Key, Why

MAY_CHANGE_ROLES = "agents.change_role"
MAY_CHANGE_KEYS = "agents.change_providerkey"


def find_version(number: str) -> Target | None:
    """The version of a role with this number."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    row = RoleVersion.objects.filter(pk=int(number)).first()
    if row is None:
        return None
    facts = [(gettext("Role"), row.role), (gettext("Version"), row.version), (gettext("Model"), row.model)]
    return Target(
        title=f"{row.role} {row.version}", back=reverse("admin:agents_roleversion_change", args=[row.pk]), facts=facts,
        text=row.system_prompt, row=row,
    )  # fmt: skip


def _roll_back(target: Target, request: HttpRequest, said: dict[str, Any]) -> str:
    row = target.row
    to = {field: getattr(row, field) for field in roles.CHANGEABLE}
    reason = f"{gettext('As version')} {row.version}: {said['reason']}"[:500]
    role = roles.change(row.role, actor=request.user.get_username(), reason=reason, **to)
    return gettext("It is now version %(n)s, as that one was.") % {"n": role.version}


def find_keys(_any: str) -> Target | None:
    """The keys, whatever is in them."""
    return Target(title=gettext("Keys of providers"), back=reverse("admin:agents_providerkey_changelist"))


def find_key(provider: str) -> Target | None:
    """The key of this provider."""
    row = ProviderKey.objects.filter(provider=provider[:32]).first()
    if row is None:
        return None
    facts = [(gettext("Provider"), row.provider), (gettext("Begins with"), f"{row.prefix}…")]
    return Target(title=row.provider, back=reverse("admin:agents_providerkey_changelist"), facts=facts, row=row)


def _set(target: Target, request: HttpRequest, said: dict[str, Any]) -> str:
    row = keys.put(said["provider"], said["key"], actor=request.user.get_username())
    return gettext("It is kept, encrypted, and shown nowhere. It begins with %(prefix)s.") % {"prefix": row.prefix}


def _forget(target: Target, request: HttpRequest, said: dict[str, Any]) -> None:
    keys.forget(target.row.provider, actor=request.user.get_username())


ACTS = (
    Act(noun="role", name="rollback", title=_("Roll back to this version"), permission=MAY_CHANGE_ROLES,
        action="role.changed", find=find_version, do=_roll_back, form=Because,
        explains=_("The role becomes as it was then, as a new version. Calls under way end as they began.")),
    Act(noun="keys", name="set", title=_("Set the key of a provider"), permission=MAY_CHANGE_KEYS,
        action="provider_key.set", find=find_keys, do=_set, form=Key,
        explains=_("It is encrypted at once and never shown again, here or anywhere. A key in the environment comes "
                   "first.")),
    Act(noun="key", name="forget", title=_("Forget this key"), permission=MAY_CHANGE_KEYS,
        action="provider_key.removed", find=find_key, do=_forget, form=Why, is_grave=True,
        explains=_("Models of this provider are not asked with it any more.")),
)  # fmt: skip
