"""The first project, the first user, the first key. Idempotent, and never a change to what is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from nexus.errors import NexusError
from nexus.transactions import requires_transaction
from workorders.models import Project

from . import keys
from .authentication import peppers
from .issuing import issue
from .models import ApiKey, Membership, Role, User

PROJECT = "default"
OPERATOR = "operator"
"""Owns the first key where no admin was asked for; it cannot log in."""


class InitKeyInvalid(NexusError):
    """NEXUS_INIT_API_KEY does not look like nx_<id>_<secret>."""

    code = "init_key_invalid"


class InitKeyTaken(NexusError):
    """NEXUS_INIT_API_KEY has the id of a key with another secret; give it another id."""

    code = "init_key_taken"


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """What stands now, and what of it is new."""

    project: str
    admin: str | None
    api_key: str | None
    created: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For `--json`; no secret is in it."""
        return {"project": self.project, "admin": self.admin, "api_key": self.api_key, "created": list(self.created)}


@requires_transaction
def settle_in() -> FirstRun:
    """Create the project "default", and the admin and the key that the settings NEXUS_INIT_* name."""
    project, new_project = Project.objects.get_or_create(slug=PROJECT, defaults={"name": "Default"})
    admin, new_admin = _admin(project)
    key, new_key = _key(project, admin)
    made = {"project": new_project, "admin": new_admin, "api_key": new_key}
    return FirstRun(
        project=project.slug,
        admin=admin.username if admin else None,
        api_key=key.public_id if key else None,
        created=tuple(name for name, new in made.items() if new),
    )


def _admin(project: Project) -> tuple[User | None, bool]:
    name, password = settings.NEXUS_INIT_ADMIN_USER, settings.NEXUS_INIT_ADMIN_PASSWORD
    if not name or not password:
        return None, False
    admin = User.objects.filter(username=name).first()
    if admin is not None:
        return admin, False
    admin = User.objects.create_superuser(name, password=password)
    Membership.objects.create(user=admin, project=project, role=Role.OWNER)
    return admin, True


def _key(project: Project, admin: User | None) -> tuple[ApiKey | None, bool]:
    if not settings.NEXUS_INIT_API_KEY:
        return None, False
    token = keys.Token.parse(settings.NEXUS_INIT_API_KEY)
    if token is None:
        raise InitKeyInvalid
    key = ApiKey.objects.filter(public_id=token.public_id).first()
    if key is None:
        return issue(user=admin or _operator(project), name="first key", token=token).key, True
    if not keys.matches(token, key.digest, peppers=peppers()):
        raise InitKeyTaken(public_id=token.public_id)
    return key, False


def _operator(project: Project) -> User:
    user, new = User.objects.get_or_create(username=OPERATOR)
    if new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Membership.objects.create(user=user, project=project, role=Role.OWNER)
    return user
