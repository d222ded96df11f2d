"""Configuration, prompts and reports as texts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def as_json(value: object) -> str:
    """Readable JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_yaml(value: Mapping[str, Any], *, indent: int = 0) -> str:
    """Readable YAML: mappings, lists and texts of several lines in blocks, everything else as JSON has it."""
    return "".join(_entry(str(key), one, indent) for key, one in value.items())


def _entry(key: str, value: Any, indent: int) -> str:
    pad = "  " * indent
    if isinstance(value, Mapping) and value:
        return f"{pad}{key}:\n{as_yaml(value, indent=indent + 1)}"
    if isinstance(value, list | tuple) and value:
        return f"{pad}{key}:\n" + "".join(f"{pad}  - {_scalar(one)}\n" for one in value)
    if isinstance(value, str) and "\n" in value and value.isprintable() is False and _is_plain(value):
        lines = "".join(f"{pad}  {line}\n" if line else "\n" for line in value.rstrip("\n").split("\n"))
        return f"{pad}{key}: |\n{lines}"
    return f"{pad}{key}: {_scalar(value)}\n"


def _is_plain(text: str) -> bool:
    """Whether a block would be read back as it is."""
    return not text.startswith((" ", "\n")) and all(sign == "\n" or sign.isprintable() for sign in text)


def _scalar(value: Any) -> str:
    # JSON is YAML; quoted, nothing is taken for a number, a date or a yes.
    return json.dumps(value, ensure_ascii=False)


def readme(*, name: str, requirement: str, summary: str, goals: Sequence[str], constraints: Sequence[str]) -> str:
    """The project's first page."""
    parts = [f"# {name}", summary, "## What was asked for", _quoted(requirement)]
    parts += ["## Goals", _points(goals)] if goals else []
    parts += ["## Constraints", _points(constraints)] if constraints else []
    return "\n\n".join(parts) + "\n"


def report(*, name: str, summary: str, risks: Sequence[str], stages: Sequence[Mapping[str, Any]]) -> str:
    """The summary of the whole workflow: what was done, by whom, for how much."""
    rows = [
        f"| {one['number']} | {one['name']} | {one['agent_name'] or '-'} | {one['duration_seconds']} | "
        f"{one['input_tokens']} | {one['output_tokens']} | {one['cost_usd']} |"
        for one in stages
    ]
    table = "\n".join(
        ["| # | stage | done by | seconds | tokens in | tokens out | USD |", "|---|---|---|---|---|---|---|", *rows]
    )
    parts = [f"# {name}", summary, "## Stages", table, *(["## Risks", _points(risks)] if risks else [])]
    return "\n\n".join(parts) + "\n"


def _points(lines: Sequence[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())
