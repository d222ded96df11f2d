"""The studio's shapes, filled in."""

from __future__ import annotations

from typing import Any

from apps.api.examples import AT, ID, answered, asked

EVENT: dict[str, Any] = {
    "event_id": "EV-20260217-1f0c2ab4",
    "project_id": "lighthouse",
    "project": "default",
    "type": "PROJECT_CREATED",
    "actor": "dana",
    "causation_id": None,
    "timestamp": AT,
    "received_at": AT,
    "payload": {"brief": "A keeper and a dog see the first ship of the year", "duration_seconds": 4, "shots": 2},
    "blackboard_pointer": "",
    "metadata": {},
    "tasks": ["TASK-20260217-9b1e77c0"],
    "status": "applied",
    "work_order": ID,
}
CREATED = asked(
    "A film begins",
    {
        "project_id": "lighthouse",
        "type": "PROJECT_CREATED",
        "payload": {
            "title": "The lighthouse",
            "brief": "A keeper and a dog see the first ship of the year",
            "duration_seconds": 4,
            "shots": 2,
            "budget_usd": "15.00",
            "user_options": {"auto_mode": False, "approval_checkpoints": ["SCENE_WRITTEN", "FINAL_VIDEO_READY"]},
        },
    },
)
WRITTEN = asked(
    "A picture was made elsewhere",
    {
        "event_id": "EV-20260217-77aa01bc",
        "project_id": "lighthouse",
        "type": "IMAGE_GENERATED",
        "payload": {"shot_id": "shot-01", "artifact_url": "shots/shot-01/keyframe.png", "keyframe_type": "start"},
        "metadata": {"cost": 0.05, "latency_ms": 2400, "retry_count": 0},
    },
)
KEPT = answered("It is kept, and its task is written", EVENT)
PAGE = answered("Events", {"results": [EVENT], "next": None, "previous": None})
LINE: dict[str, Any] = {
    "project_id": "lighthouse",
    "project": "default",
    "work_order": ID,
    "title": "The lighthouse",
    "status": "in_progress",
    "quality": "balanced",
    "strategy": "balanced",
    "duration_seconds": 4,
    "created_at": AT,
    "finalized_at": None,
}
FILMS = answered("Films", {"results": [LINE], "next": None, "previous": None})
TASK: dict[str, Any] = {
    "task_id": "TASK-20260217-9b1e77c0",
    "project_id": "lighthouse",
    "task_type": "WRITE_SCRIPT",
    "assigned_to": "ScriptWriter",
    "status": "RUNNING",
    "priority": 10,
    "input": {"project_id": "lighthouse", "event_type": "PROJECT_CREATED", "event_id": EVENT["event_id"]},
    "output": None,
    "dependencies": [],
    "estimated_cost": None,
    "actual_cost": "0.000000000",
    "retry_count": 0,
    "max_retries": 3,
    "causation_event_id": EVENT["event_id"],
    "lock_key": None,
    "waiting_for": None,
    "created_at": AT,
    "started_at": AT,
    "completed_at": None,
}
FILM = answered(
    "A film whose script is being written",
    {
        **LINE,
        "brief": "A keeper and a dog see the first ship of the year",
        "script": "",
        "user_options": {},
        "shots": [],
        "tasks": [TASK],
        "files": [],
    },
)
BUDGET = answered(
    "Half of the shots are done",
    {
        "project_id": "lighthouse",
        "total": "12.000000000",
        "used": "3.150000000",
        "reserved": "0.000000000",
        "remaining": "8.850000000",
        "usage_percent": 26.25,
        "predicted_total": "6.300000000",
        "predicted_overrun": "0.000000000",
        "status": "HEALTHY",
        "spent": "3.150000000",
        "estimated_remaining": "3.150000000",
        "breakdown": {"ImageGenAgent": "0.100000000", "VideoGenAgent": "3.000000000", "director": "0.050000000"},
        "quality": "balanced",
        "strategy": "balanced",
        "allocation": "12.000000000",
    },
)
RULE: dict[str, Any] = {
    "id": 7,
    "project": "default",
    "event_type": "STORYBOARD_DRAWN",
    "task_type": "CHECK_CONSISTENCY",
    "agent": "ConsistencyGuardian",
    "priority": 3,
}
MAPPING_IN = asked(
    "One more task for an event",
    {"project": "default", "event_type": "STORYBOARD_DRAWN", "task_type": "CHECK_CONSISTENCY", "priority": 3},
)
MAPPING = answered("It is added", RULE)
MAPPINGS = answered("The map", {"results": [RULE]})
