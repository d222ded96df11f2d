"""What goes on although nobody says anything: turns that died give way, sessions that nobody uses expire."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from agents.sessions import ending
from agents.sessions.models import Message, Session
from nexus import engine

AT_ONCE = 500


def go_on() -> int:
    """Give on the turns whose run ended without an answer; return how many."""
    over = engine.runs.exclude(state=engine.RunState.OPEN).values("pk")
    dead = Message.objects.filter(status=Message.Status.WORKING, run_id__in=over)
    return sum(_release(session_id) for session_id in dead.values_list("session_id", flat=True)[:AT_ONCE])


@transaction.atomic
def _release(session_id: int) -> bool:
    # Another dispatcher, or a sender, may be here too: whoever comes second finds the turn given on.
    return ending.release_if_over(Session.objects.select_for_update(no_key=True).get(pk=session_id))


def expire_sessions() -> int:
    """Close sessions in which nothing was said for NEXUS_SESSION_DAYS; return how many."""
    unused = Session.objects.filter(status__in=(Session.Status.ACTIVE, Session.Status.PAUSED), turn="")
    old = unused.filter(last_active_at__lt=Now() - timedelta(days=settings.NEXUS_SESSION_DAYS))
    return old.update(status=Session.Status.EXPIRED)
