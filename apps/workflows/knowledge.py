"""What a workflow knows: YAML files -> one snapshot with a checksum; what is missing is named and blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models.functions import Now

from nexus.transactions import requires_transaction
from workorders.models import Project

from . import paths, plain_yaml, shapes
from .errors import KnowledgeMissing
from .models import KnowledgeFile, KnowledgeSnapshot

INDEX = "KnowledgeBase_index.yaml"
LARGEST_FILE = 500_000
Json = dict[str, Any]


@requires_transaction
def keep_files(*, project: Project, workflow: str, files: Mapping[str, str], replace: bool = True) -> None:
    """Keep these files; the others of the workflow go where it is to `replace` them."""
    mine = KnowledgeFile.objects.filter(project=project, workflow=workflow)
    if replace:
        mine.exclude(path__in=list(files)).delete()
    for path, text in files.items():
        if len(text) > LARGEST_FILE:
            raise KnowledgeMissing(f"{path} is larger than {LARGEST_FILE} characters", missing=[path], pointer="/text")
        KnowledgeFile.objects.update_or_create(
            project=project, workflow=workflow, path=path, defaults={"text": text, "updated_at": Now()}
        )


@requires_transaction
def refresh(*, project: Project, workflow: str) -> KnowledgeSnapshot | None:
    """Read the files anew; the snapshot of the same files stays the same. None where there are no files.

    Raise KnowledgeMissing for a file that is no YAML, or for an index that is none.
    """
    files = files_of(project, workflow)
    if not files:
        KnowledgeSnapshot.objects.filter(project=project, workflow=workflow).delete()
        return None
    payload, missing = read(files)
    row, _ = KnowledgeSnapshot.objects.update_or_create(
        project=project, workflow=workflow,
        defaults={"payload": payload, "checksum": checksum(payload), "missing": missing, "created_at": Now()},
    )  # fmt: skip
    row.refresh_from_db()
    return row


def files_of(project: Project, workflow: str) -> dict[str, str]:
    """Path -> YAML."""
    rows = KnowledgeFile.objects.filter(project=project, workflow=workflow).order_by("path")
    return dict(rows.values_list("path", "text"))


def required(*, project: Project, workflow: str, needs: Collection[str]) -> KnowledgeSnapshot | None:
    """The snapshot, complete; raise KnowledgeMissing, which names every path that is missing."""
    row = KnowledgeSnapshot.objects.filter(project=project, workflow=workflow).first()
    payload = row.payload if row else {}
    lacking = [*(row.missing if row else ()), *(need for need in needs if not has(payload, need))]
    if lacking:
        raise KnowledgeMissing(f"The knowledge lacks {', '.join(lacking)}", missing=lacking)
    return row


def read(files: Mapping[str, str]) -> tuple[Json, list[str]]:
    """The snapshot that the files are, and the paths that the index names and nobody has brought. Pure."""
    index = _mapping(files, INDEX)
    agencies: Json = {}
    missing = []
    listed = index.get("agencies") or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) and one.get("agency_id") for one in listed):
        raise KnowledgeMissing(f"{INDEX}: agencies is a list, each with its agency_id", missing=[INDEX])
    for one in listed:
        name = str(one["agency_id"])
        path = f"{name}/{name}_index.yaml"
        if path in files:
            agencies[name] = _mapping(files, path)
        else:
            missing.append(path)
    known = {"org_metadata": index.get("org_metadata") or {}, "routing_table": index.get("routing_table") or []}
    payload = {**known, "agencies": agencies, "index": listed}
    return dict(shapes.plain(payload)), missing


def checksum(payload: Json) -> str:
    """The same for the same knowledge, on every machine."""
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256::{hashlib.sha256(canonical.encode()).hexdigest()}"


def has(payload: Mapping[str, Any], need: str) -> bool:
    """Whether something stands at that path."""
    return any(value not in (None, "", [], {}) for _, value in paths.found(payload, need))


def names(payload: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """What answers may name: agencies, categories and services."""
    agencies = payload.get("agencies", {})
    found = {"agencies": frozenset(agencies)}
    for kind in ("categories", "services"):
        found[kind] = frozenset(
            str(value) for _, value in paths.found(agencies, f"*.{kind}.*.key") if isinstance(value, str)
        )
    return found


def wire(row: KnowledgeSnapshot) -> Json:
    """A snapshot as others read it."""
    return {
        **row.payload,
        "created_at": row.created_at.isoformat(),
        "checksum": row.checksum,
        "missing_agencies": list(row.missing),
    }


def _mapping(files: Mapping[str, str], path: str) -> Json:
    if path not in files:
        raise KnowledgeMissing(f"The knowledge lacks {path}", missing=[path])
    try:
        found = plain_yaml.load(files[path])
    except plain_yaml.NotPlain as error:
        raise KnowledgeMissing(f"{path}: {error}", missing=[path]) from None
    if not isinstance(found, dict):
        raise KnowledgeMissing(f"{path} holds no mapping", missing=[path])
    return found
