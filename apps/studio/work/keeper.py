"""Keeps a film's run open from its first event to its last, and closes it."""

from __future__ import annotations

import hashlib

from django.db import transaction

from apps.studio import buying
from apps.studio.films import AWAITS
from apps.studio.models import Film
from billing import reports
from nexus import engine
from workorders.models import Deliverable


def keep_open(context: engine.Context) -> engine.Outcome:
    """Wait for the film to be finalized; then store what it came to, and end."""
    film = Film.objects.of_run(context.run_id)
    if film.finalized_at is None:
        return engine.Park(
            code=AWAITS, message="The film is open: its next event, or PROJECT_FINALIZED, goes on with it"
        )
    body = _told(film)
    with transaction.atomic():
        facts = {"deliverable": "film.md", "sha256": hashlib.sha256(body.encode()).hexdigest()}
        if not Deliverable.objects.filter(order=film.order, name="film.md").exists():
            engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.delivered", data=facts)
            context.hold()
            Deliverable.objects.create(order=film.order, name="film.md", body=body, sha256=facts["sha256"])
    totals = reports.of_order(film.order.public_id)
    return engine.Done(output={**facts, "cost_usd": str(totals.cost_usd)})


def _told(film: Film) -> str:
    """The film in words: its files, with their sizes as they are on the disk."""
    lines = [f"# {film.title}", "", film.brief.strip(), "", "| file | bytes |", "|---|---|"]
    work = buying.workspace(film)
    files = [one for one in work.entries() if not one.is_folder] if work.root.exists() else []
    lines += [f"| `{one.path}` | {one.bytes} |" for one in files]
    return "\n".join([*lines, "", "## Script", "", film.script.strip(), ""])
