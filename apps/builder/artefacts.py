"""The files of a project, in its workspace: where each lies, written and read and thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from agents.workspace.errors import WorkspaceRefused
from agents.workspace.files import Workspace, workspace_of

from . import names
from .errors import BuildFailed
from .models import BuildProject


def of(project: BuildProject) -> Workspace:
    """The workspace of a project: its runs are known by its id."""
    return workspace_of(project=str(project.tenant_id), order=project.public_id)


def folder(project: BuildProject) -> str:
    """What the project's folders are called."""
    return names.identifier(project.name, otherwise="project")


def root(project: BuildProject) -> str:
    """Where what is about the whole project lies."""
    return f"projects/{folder(project)}"


def document(project: BuildProject, agent: str, name: str) -> str:
    """Where a document about an agent lies."""
    return f"{root(project)}/agents/{agent}/{name}"


def tool(project: BuildProject, name: str) -> str:
    """Where a tool lies."""
    return f"tools/generated_tools/{folder(project)}/{name}.py"


def prompt(project: BuildProject, agent: str) -> str:
    """Where an agent's prompt lies."""
    return f"prompts/generated_agents_prompts/{folder(project)}/{agent}_prompt.yaml"


def code(project: BuildProject, agent: str) -> str:
    """Where an agent's program lies."""
    return f"agents/generated_agents/{folder(project)}/{agent}.py"


def write(project: BuildProject, files: Mapping[str, str]) -> None:
    """Put them there, in place of what was there. Raise BuildFailed where the workspace does not take one."""
    workspace = of(project)
    for path, text in files.items():
        try:
            workspace.write(path, text.encode("utf-8", "replace"))
        except WorkspaceRefused as refusal:
            raise BuildFailed(f"{path} cannot be kept: {refusal}") from refusal


def read(project: BuildProject, path: str) -> str | None:
    """The text of a file; None where there is none."""
    try:
        return of(project).read(path).decode("utf-8", "replace")
    except WorkspaceRefused:
        return None


def throw_away(project: BuildProject) -> None:
    """Remove the whole workspace; one that is not there is as good."""
    shutil.rmtree(of(project).root, ignore_errors=True)
