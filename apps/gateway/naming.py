"""What the name of a model means here: a role, a family of models, or a workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from agents import families
from agents.families import Family
from agents.models import Role
from billing import pricebook
from billing.errors import UnknownPrice
from workorders import rules
from workorders.models import Project

from . import ordering
from .errors import UnknownModel

OURS = "nexus/"
AUTO = "auto"
HOST = "gateway"
"""The role that asks a family's models: without words of its own."""
DEAF = frozenset({HOST, "listener"})
"""Roles that are not offered: one has no model of its own, the other does not write."""
AGENTS = "nexus.agents"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a request is answered."""

    role: str
    model: str = ""
    """`provider/model`; empty: the role's own."""
    queue: str = AGENTS
    family: str = ""
    order: str = ""
    """The name of a workflow: then it is a work order."""


def way_of(model: str, *, said: str, project: Project | None = None) -> Way:
    """How a model of this name answers `said` in a project. Without one it is a ticket's: a name that nothing is
    called by goes to the usual family then, and orders are not offered.

    Raise UnknownModel, also where the price book has no price for it: nothing could be asked.
    """
    name = model.strip().lower()
    if name.startswith(OURS):
        own = model.strip()[len(OURS) :]
        if project is not None and own in ordering.names(project):
            return Way(role="", order=own)
        return _by_role(_role_of(own.lower(), said))
    family = families.of(name) or (families.usual() if project is None else None)
    if family is None:
        raise UnknownModel(pointer="#/model")
    asked = family.model_of(model) if families.of(name) else f"{family.name}/{family.model}"
    return _by_family(family, asked)


def usual() -> str:
    """What is asked where nobody says."""
    return families.usual().model


def names(projects: Iterable[Project] = ()) -> Iterator[tuple[str, str]]:
    """Every name that is offered in these projects, and who answers."""
    seen = list(projects)
    yield f"{OURS}{AUTO}", "nexus"
    for order in sorted({name for project in seen for name in ordering.names(project)}):
        yield f"{OURS}{order}", "nexus"
    for role in Role.objects.filter(project="").exclude(name__in=DEAF).order_by("name").values_list("name", flat=True):
        yield f"{OURS}{role}", "nexus"
    for family in families.known().values():
        yield family.name, family.name
        yield family.model, family.name


def listed(name: str, owner: str) -> dict[str, Any]:
    """As OpenAI shows a model."""
    return {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": owner}


def _role_of(name: str, said: str) -> str:
    if name != AUTO:
        return name
    judged = rules.judge(said).difficulty
    return rules.owner_of("trivial" if judged == "unclear" else judged)


def _by_role(name: str) -> Way:
    role = Role.objects.filter(name=name, project="").exclude(name__in=DEAF).first()
    if role is None:
        raise UnknownModel(pointer="#/model")
    family = families.of(role.model)
    return Way(role=role.name, queue=family.queue if family else AGENTS, family=family.name if family else "")


def _by_family(family: Family, asked: str) -> Way:
    provider, _, model = asked.partition("/")
    try:
        pricebook.price_of(provider, model, timezone.now(), 1)
    except UnknownPrice as error:
        raise UnknownModel(str(error), pointer="#/model") from None
    return Way(role=HOST, model=asked, queue=family.queue, family=family.name)
