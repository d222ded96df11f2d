"""Read the log: the newest, an entry on the wire, an entry as a line for people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from workorders.models import Project

from . import catalog
from .models import AuditEntry

MOST = 200


def recent(
    limit: int = 10,
    *,
    project: str | None = None,
    projects: Collection[int | str] | None = None,
    order: str | None = None,
) -> list[AuditEntry]:
    """The newest entries, newest first, `limit` of them and at most 200.

    `project` is a slug, `projects` are numbers; without either, those of the whole installation are read.
    """
    found = AuditEntry.objects.newest()
    if project is not None:
        found = found.in_projects(Project.objects.filter(slug=project).values_list("pk", flat=True))
    if projects is not None:
        found = found.in_projects(projects)
    if order is not None:
        found = found.of_order(order)
    return list(found[: max(1, min(limit, MOST))])


def wire(entry: AuditEntry, slugs: dict[str, str] | None = None) -> dict[str, Any]:
    """An entry as JSON; `slugs` are those of the projects by their numbers."""
    return {
        "id": entry.pk,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "channel": entry.channel,
        "action": entry.action,
        "status": entry.status,
        "project": (slugs or {}).get(entry.project, entry.project) or None,
        "order": entry.order or None,
        "session": entry.session or None,
        "details": entry.details,
    }


def said(entry: AuditEntry) -> str:
    """What happened, in one line of the reader's language: the action, and why where somebody said so."""
    word = catalog.word(entry.action)
    told = [
        str(entry.details[name])
        for name in ("decision", "means", "to", "role", "provider", "limit_usd")
        if entry.details.get(name)
    ]
    why = _why(entry.details)
    return " ".join([word, *([f"({', '.join(told)})"] if told else []), *([f"– {why}"] if why else [])])


def _why(details: dict[str, Any]) -> str:
    """A person's reason; else what the machinery says: an error, what is waited for, what is asked."""
    for name in ("reason", "error", "wait", "message", "question", "reasons"):
        found = details.get(name)
        found = found.get("message") if isinstance(found, dict) else found
        if found:
            return " ".join(" ".join(map(str, found)).split() if isinstance(found, list) else str(found).split())[:300]
    return ""


def slugs_of(entries: Collection[AuditEntry]) -> dict[str, str]:
    """Number -> slug, for the projects of these entries; one statement."""
    numbers = {entry.project for entry in entries if entry.project.isdigit()}
    return {str(pk): slug for pk, slug in Project.objects.filter(pk__in=numbers).values_list("pk", "slug")}
