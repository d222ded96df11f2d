"""`manage.py dispatcher`: due rows -> doorbells, timers, rescue. Run any number."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from nexus.dispatch.loop import Loop
from nexus.upkeep.chores import do_chores


class Command(BaseCommand):
    """Run a dispatcher until it is told to stop."""

    help = "Ring due tasks, keep the timers, rescue what dead workers held. Any number may run."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loop."""
        Loop(chores=do_chores).run()
