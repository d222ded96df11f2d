"""Definitions come and change: versions, conflicts, and a line for each change. The only writer of definitions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from nexus.errors import NotThere
from nexus.transactions import requires_transaction
from workorders.models import Project

from . import contract, graph, shapes
from .errors import DefinitionInvalid, NameTaken, VersionPassed
from .models import Change, Definition, PipelineNode, StageDefinition, ToolDefinition, WorkflowDefinition


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of definition."""

    name: str
    model: type[Definition]
    shape: type[shapes.Shape]
    key: str = "id"
    """Which field of its body is its name."""
    prompt: str = ""
    """Which field is its prompt."""


TOOL = Kind(name="tool", model=ToolDefinition, shape=shapes.ToolBody)
STAGE = Kind(name="stage", model=StageDefinition, shape=shapes.StageBody, prompt="prompt")
WORKFLOW = Kind(name="workflow", model=WorkflowDefinition, shape=shapes.WorkflowBody)
NODE = Kind(name="node", model=PipelineNode, shape=shapes.NodeBody, key="name", prompt="systemPrompt")
KINDS = {kind.name: kind for kind in (TOOL, STAGE, WORKFLOW, NODE)}


@requires_transaction
def create(kind: Kind, *, project: Project, given: Mapping[str, Any], actor: str) -> Definition:
    """Write a new one as version 1. Raise NameTaken, DefinitionInvalid, WorkflowInvalid."""
    body = _checked(kind, project, given)
    row = kind.model(project=project, key=body[kind.key], version=1, body=body, updated_by=actor)
    if isinstance(row, PipelineNode):
        row.public_id = f"node-{uuid4()}"
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise NameTaken(f"There is a {kind.name} {body[kind.key]!r} already", pointer=f"/{kind.key}") from None
    row.refresh_from_db()
    _note(kind, row, "created", old=None)
    return row


@requires_transaction
def change(
    kind: Kind, row: Definition, *, given: Mapping[str, Any], actor: str, seen: int | None = None, whole: bool = True
) -> Definition:
    """Make it so, as its next version; one that is so already keeps its own. Raise VersionPassed, and as `create`.

    `seen` is the version that the caller has read; not `whole`, what is not given stays as it is.
    """
    row = _locked(kind, row, seen)
    body = _checked(kind, row.project, given if whole else {**row.body, **given})
    if body == row.body:
        return row
    if kind.key == "id" and body["id"] != row.key:
        raise DefinitionInvalid("An id does not change", pointer="/id")
    before = row.version
    row.key, row.version = body[kind.key], before + 1
    try:
        with transaction.atomic():
            kind.model.objects.filter(pk=row.pk).update(  # type: ignore[attr-defined]  # every model has its manager
                key=row.key, version=row.version, body=body, updated_by=actor, updated_at=Now()
            )
    except IntegrityError:
        raise NameTaken(f"There is a {kind.name} {row.key!r} already", pointer=f"/{kind.key}") from None
    row.refresh_from_db()
    _note(kind, row, "updated", old=before)
    return row


@requires_transaction
def delete(kind: Kind, row: Definition, *, actor: str, seen: int | None = None) -> None:
    """Take it away. Whoever makes another of this name begins with version 1. Raise VersionPassed."""
    row = _locked(kind, row, seen)
    row.updated_by = actor
    _note(kind, row, "deleted", old=row.version, new=None)
    row.delete()


@requires_transaction
def put(kind: Kind, *, project: Project, given: Mapping[str, Any], actor: str) -> Definition:
    """The one of this name made so, or a new one: as a bundle brings it."""
    model: Any = kind.model
    row = model.objects.filter(project=project, key=given[kind.key]).first()
    if row is None:
        return create(kind, project=project, given=given, actor=actor)
    return change(kind, row, given=given, actor=actor)


def _locked(kind: Kind, row: Definition, seen: int | None) -> Definition:
    model: Any = kind.model
    found: Definition | None = (
        model.objects.select_for_update(of=("self",)).select_related("project").filter(pk=row.pk).first()
    )
    if found is None:
        raise NotThere(f"There is no such {kind.name}")
    if seen is not None and found.version != seen:
        raise VersionPassed(f"It is version {found.version} by now, not {seen}", current=found.version)
    return found


def _checked(kind: Kind, project: Project, given: Mapping[str, Any]) -> dict[str, Any]:
    body = shapes.read(kind.shape, dict(given))
    if kind is STAGE and body["calls_model"]:
        contract.check(body["contract"])
    if kind is WORKFLOW:
        if body["id"] in shapes.RESERVED:
            raise DefinitionInvalid("This name is one of ours", pointer="/id")
        graph.check(body, stages=stages_of(project, body), tools=_ids(ToolDefinition, project))
    return body


def stages_of(project: Project, workflow: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The stages that a workflow names, as they are now; those that are not there are left out."""
    named = {step["stage"] for step in workflow["stages"]}
    named |= {route["to"] for step in workflow["stages"] for route in step["routes"]}
    rows = StageDefinition.objects.filter(project=project, key__in=named)
    return dict(rows.values_list("key", "body"))


def _ids(model: Any, project: Project) -> frozenset[str]:
    return frozenset(model.objects.filter(project=project).values_list("key", flat=True))


def _note(kind: Kind, row: Definition, action: str, *, old: int | None, new: int | None = 0) -> None:
    prompt = row.body.get(kind.prompt, "") if kind.prompt else ""
    Change.objects.create(
        project=row.project, kind=kind.name, key=row.key, action=action, old_version=old,
        new_version=row.version if new == 0 else new,
        prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest() if prompt else "", body=row.body,
        actor=row.updated_by,
    )  # fmt: skip
