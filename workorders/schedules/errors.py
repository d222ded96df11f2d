"""What schedules refuse."""

from __future__ import annotations

from nexus.errors import NexusError


class ScheduleInvalid(NexusError):
    """This schedule cannot be kept as it is."""

    code = "schedule_invalid"
