"""Event -> tasks: the rules that are shipped, and those that were added."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from workorders.triggers.mapping import Priority, Rule, TaskMap

from .models import EventMapping
from .tasks import BY_NAME

CRITICAL, HIGH, NORMAL = Priority.CRITICAL, Priority.HIGH, Priority.NORMAL


def _rule(event_type: str, task_type: str, priority: int) -> Rule:
    return Rule(event_type=event_type, task_type=task_type, agent=BY_NAME[task_type].agent, priority=priority)


DEFAULTS: Final = (
    _rule("PROJECT_CREATED", "WRITE_SCRIPT", CRITICAL),
    _rule("SCENE_WRITTEN", "PLAN_SHOTS", HIGH),
    _rule("SHOT_PLANNED", "GENERATE_KEYFRAME", HIGH),
    _rule("KEYFRAME_REQUESTED", "GENERATE_KEYFRAME", HIGH),
    _rule("IMAGE_GENERATED", "EXTRACT_FEATURES", NORMAL),
    _rule("IMAGE_GENERATED", "RUN_VISUAL_QA", NORMAL),
    _rule("DNA_BANK_UPDATED", "ADJUST_PROMPTS", NORMAL),
    _rule("CONSISTENCY_FAILED", "ADJUST_PROMPTS", HIGH),
    _rule("PREVIEW_VIDEO_REQUESTED", "GENERATE_PREVIEW_VIDEO", HIGH),
    _rule("PREVIEW_VIDEO_READY", "RUN_VIDEO_QA", NORMAL),
    _rule("SHOT_APPROVED", "GENERATE_FINAL_VIDEO", HIGH),
    _rule("FINAL_VIDEO_REQUESTED", "GENERATE_FINAL_VIDEO", CRITICAL),
    _rule("IMAGE_EDIT_REQUESTED", "EDIT_IMAGE", HIGH),
    _rule("ALL_SHOTS_READY", "ASSEMBLE_FINAL", HIGH),
)


def task_map(project_id: int) -> TaskMap:
    """What holds for a project: the defaults, then what was added for everybody, then for it."""
    rows = EventMapping.objects.filter(Q(project=None) | Q(project=project_id), enabled=True)
    custom = sorted(rows, key=lambda row: (row.project_id is not None, row.pk))
    return TaskMap.of(DEFAULTS, (row.as_rule() for row in custom))
