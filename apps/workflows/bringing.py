"""A bundle into a project, and out of it again. Brought in twice, it changes nothing the second time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nexus.transactions import requires_transaction
from workorders.models import Project

from . import archive, bundles, changing, knowledge
from .bundles import Bundle
from .changing import STAGE, TOOL, WORKFLOW
from .models import KnowledgeSnapshot, ToolDefinition, WorkflowDefinition

SAMPLE = Path(__file__).with_name("sample")


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What came of a bundle."""

    workflow: WorkflowDefinition
    snapshot: KnowledgeSnapshot | None
    stages: dict[str, int]
    tools: dict[str, int]
    """Id -> version."""


@requires_transaction
def bring_in(bundle: Bundle, *, project: Project, actor: str) -> Brought:
    """Write everything in the bundle, or nothing. Raise DefinitionInvalid, WorkflowInvalid, KnowledgeMissing."""
    tools = {name: changing.put(TOOL, project=project, given=body, actor=actor) for name, body in bundle.tools.items()}
    stages = {
        name: changing.put(STAGE, project=project, given=body, actor=actor) for name, body in bundle.stages.items()
    }
    row = changing.put(WORKFLOW, project=project, given=bundle.workflow, actor=actor)
    if not isinstance(row, WorkflowDefinition):
        raise TypeError("a workflow was put")
    knowledge.keep_files(project=project, workflow=row.key, files=bundle.knowledge)
    return Brought(
        workflow=row, snapshot=knowledge.refresh(project=project, workflow=row.key),
        stages={name: one.version for name, one in stages.items()},
        tools={name: one.version for name, one in tools.items()},
    )  # fmt: skip


def take_out(row: WorkflowDefinition) -> bytes:
    """The workflow with its stages, its tools and its knowledge, as a ZIP."""
    stages = changing.stages_of(row.project, row.body)
    used = {tool for body in stages.values() for tool in body["tools"]}
    tools = ToolDefinition.objects.filter(project=row.project, key__in=used)
    bundle = Bundle(
        workflow=row.body, stages=stages, tools=dict(tools.values_list("key", "body")),
        knowledge=knowledge.files_of(row.project, row.key),
    )  # fmt: skip
    return archive.packed(bundles.write(bundle))


@lru_cache(maxsize=1)
def sample() -> bytes:
    """The bundle that Nexus is shipped with, as a ZIP."""
    paths = sorted(path for path in SAMPLE.rglob("*") if path.is_file())
    return archive.packed({path.relative_to(SAMPLE).as_posix(): path.read_text(encoding="utf-8") for path in paths})
