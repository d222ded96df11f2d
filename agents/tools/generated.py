"""Tools that were generated: rows with a program, which runs in a child process that has nothing.

Such a tool computes: it reaches no network and no file, so it only reads. One project alone is offered it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models.functions import Now

from agents import programs, tokens
from agents.models import RegisteredTool
from nexus.transactions import requires_transaction

from .base import Tool, Where
from .errors import ToolFailed

SOURCE = "generated"
FUNCTION = "run"
"""What a generated tool is called by: run(data) takes its input, and gives back JSON."""


def every(project: str) -> list[Tool]:
    """Those of a project, by name."""
    return [_tool(row) for row in _rows(project).order_by("name")]


def find(name: str, project: str) -> Tool | None:
    """The tool of that name, where the project has one."""
    if tokens.clean(name) != name:
        return None  # no row has such a name, and Postgres would not even be asked for it
    row = _rows(project).filter(name=name).first()
    return None if row is None else _tool(row)


@requires_transaction
def keep(
    *, name: str, project: str, description: str, schema: Mapping[str, Any], code: str, display_name: str = "",
    category: str = "general", code_path: str = "", dependencies: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write it down; said again of the same name, it is a new version where it differs. Raise ValueError."""
    says = {
        "description": description, "schema": dict(schema), "code": code, "display_name": display_name[:200],
        "category": category[:64], "code_path": code_path, "dependencies": list(dependencies),
    }  # fmt: skip
    row = RegisteredTool.objects.select_for_update().filter(name=name).first()
    if row is not None and (row.source != SOURCE or row.project != project):
        raise ValueError(f"{name} is another tool")
    if row is None:
        row = RegisteredTool(name=name, project=project, source=SOURCE, effect="read", permission="allow", **says)
        _tool(row)
        row.save(force_insert=True)
    elif any(getattr(row, field) != value for field, value in says.items()):
        RegisteredTool.objects.filter(pk=row.pk).update(**says, version=row.version + 1, updated_at=Now())


@requires_transaction
def remove(names: Iterable[str], *, project: str) -> None:
    """Let nobody use these any more."""
    _rows(project).filter(name__in=list(names)).delete()


def _rows(project: str) -> Any:
    return RegisteredTool.objects.filter(source=SOURCE, project=project).exclude(project="")


def _tool(row: RegisteredTool) -> Tool:
    return Tool(
        name=row.name, description=row.description, schema=row.schema, effect="read", act=_act(row.code),
        timeout=programs.WITHIN + 5, version=row.version, source=SOURCE,
    )  # fmt: skip


def _act(code: str) -> Callable[[Where, dict[str, Any]], str]:
    def act(where: Where, input: dict[str, Any]) -> str:
        try:
            given = programs.call(code, FUNCTION, input)
        except programs.ProgramFailed as error:
            raise ToolFailed(str(error)) from error
        return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)

    return act
