"""A bundle: a workflow with everything it needs, as files. Read into bodies, written from them. Pure.

manifest.yaml                      the workflow: its stages in order, where each leads, what it must know
stages/<id>.yaml                   a stage; `prompt_file` and `contract_file` name files beside it
prompts/<name>.md                  prompts
contracts/<name>.json              contracts
tools/<id>.yaml                    tools that stages are given
knowledge/KnowledgeBase_index.yaml and knowledge/<agency_id>/<agency_id>_index.yaml
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import plain_yaml, shapes
from .errors import BundleRefused
from .shapes import StageBody, ToolBody, WorkflowBody

MANIFEST = "manifest.yaml"
KNOWLEDGE = "knowledge/"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What a bundle holds."""

    workflow: dict[str, Any]
    stages: dict[str, dict[str, Any]]
    tools: dict[str, dict[str, Any]]
    knowledge: dict[str, str] = field(default_factory=dict)
    """Path beneath `knowledge/` -> YAML."""


def read(files: Mapping[str, str]) -> Bundle:
    """What the files say; raise BundleRefused, or DefinitionInvalid with the place in its file."""
    if MANIFEST not in files:
        raise BundleRefused(f"A bundle has a {MANIFEST}")
    used = {MANIFEST}
    workflow = shapes.read(WorkflowBody, _yaml(files, MANIFEST), at=f"/{MANIFEST}")
    stages = _all(files, "stages", StageBody, used)
    tools = _all(files, "tools", ToolBody, used)
    knowledge = {path.removeprefix(KNOWLEDGE): text for path, text in files.items() if path.startswith(KNOWLEDGE)}
    used |= {KNOWLEDGE + path for path in knowledge}
    if strange := sorted(set(files) - used):
        raise BundleRefused(f"Nothing of the bundle names {strange[0]}")
    return Bundle(workflow=workflow, stages=stages, tools=tools, knowledge=knowledge)


def write(bundle: Bundle) -> dict[str, str]:
    """The files of a bundle; read again, they are the same bundle."""
    files = {MANIFEST: plain_yaml.dump(_short(WorkflowBody, bundle.workflow))}
    for name, body in bundle.stages.items():
        short = _short(StageBody, body)
        if short.pop("prompt", ""):
            files[f"prompts/{name}.md"] = body["prompt"]
            short["prompt_file"] = f"{name}.md"
        if short.pop("contract", {}):
            files[f"contracts/{name}.json"] = json.dumps(body["contract"], ensure_ascii=False, indent=2) + "\n"
            short["contract_file"] = f"{name}.json"
        files[f"stages/{name}.yaml"] = plain_yaml.dump(short)
    files |= {f"tools/{name}.yaml": plain_yaml.dump(_short(ToolBody, body)) for name, body in bundle.tools.items()}
    return files | {f"{KNOWLEDGE}{path}": text for path, text in bundle.knowledge.items()}


def _all(files: Mapping[str, str], folder: str, shape: type[shapes.Shape], used: set[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(files):
        if not path.startswith(f"{folder}/"):
            continue
        used.add(path)
        given = _yaml(files, path)
        if not isinstance(given, dict):
            raise BundleRefused(f"{path} holds no mapping")
        body = shapes.read(shape, dict(_whole(files, path, given, used)), at=f"/{path}")
        if path != f"{folder}/{body['id']}.yaml":
            raise BundleRefused(f"{path} defines {body['id']}, which is another name")
        found[body["id"]] = body
    return found


def _whole(files: Mapping[str, str], path: str, given: dict[str, Any], used: set[str]) -> Iterator[tuple[str, Any]]:
    """What a file says, with the files that it names read in."""
    for name, value in given.items():
        if name not in ("prompt_file", "contract_file"):
            yield name, value
            continue
        kind = name.removesuffix("_file")
        named = f"{kind}s/{value}"
        if not isinstance(value, str) or named not in files or kind in given:
            raise BundleRefused(f"{path} names {str(value)[:80]!r}, which is not in {kind}s/")
        used.add(named)
        yield kind, files[named] if kind == "prompt" else _json(files, named)


def _yaml(files: Mapping[str, str], path: str) -> Any:
    try:
        return plain_yaml.load(files[path])
    except plain_yaml.NotPlain as error:
        raise BundleRefused(f"{path}: {error}") from None


def _json(files: Mapping[str, str], path: str) -> Any:
    try:
        return json.loads(files[path], parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        raise BundleRefused(f"{path} is no JSON") from None


def _no_such_number(name: str) -> Any:
    raise ValueError(name)


def _short(shape: type[shapes.Shape], body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what goes without saying."""
    whole = shape.model_validate(body)
    return whole.model_dump(mode="json", exclude_defaults=True)
