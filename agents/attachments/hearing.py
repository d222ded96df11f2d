"""What is said in a voice note: asked of a model that listens, stored with the note, bought once for its project."""

from __future__ import annotations

from collections.abc import Sequence

from agents import calls
from agents.attachments import blocks
from agents.attachments.models import Attachment
from nexus import engine
from nexus.transactions import opens_transaction

FIRST_STEP = 900
"""Steps of a task from here on are its voice notes."""


def listen(context: engine.Context, rows: Sequence[Attachment]) -> list[Attachment]:
    """The sounds among `rows`, each with its transcript. Raises what a model call raises."""
    sounds = [row for row in rows if row.kind == Attachment.Kind.AUDIO]
    for place, row in enumerate(sounds):
        if row.transcript is None:
            heard = calls.hear(context, step=FIRST_STEP + place, sound=blocks.sound(row))
            row.transcript = heard.text.strip()
            _store(context, row)
    return sounds


@opens_transaction
def _store(context: engine.Context, row: Attachment) -> None:
    context.hold()
    # The same note may be heard by two tasks at once: both paid, and the first word stands.
    Attachment.objects.filter(pk=row.pk, transcript__isnull=True).update(transcript=row.transcript)
    row.transcript = Attachment.objects.values_list("transcript", flat=True).get(pk=row.pk)
