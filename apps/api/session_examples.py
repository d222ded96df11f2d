"""Conversations and files, filled in: what OpenAPI shows beside each operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

AT = "2026-02-17T09:30:00.120000+00:00"
ID = "sess-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11"
FILE = "att-6b0f1a52-4a0b-4d0e-8f4e-9c7d3b1f2a10"
URL = "/api/v2/attachments/"
ABOUT: dict[str, Any] = {"message": "", "timestamp": AT, "request_id": "0f6a2f0a9c111d1e4c2e7a554f1c9a3f"}
PAGINATION = {"limit": 1, "total": 1, "has_next": False, "has_prev": False, "next": None, "previous": None}
SESSION: dict[str, Any] = {
    "session_id": ID, "agent_id": "intern", "project": "default", "user_id": "ada", "display_name": "Brokers",
    "status": "active", "busy": False, "busy_policy": None, "message_count": 2, "created_at": AT, "last_active_at": AT,
    "metadata": {}, "cost_usd": "0.000044000", "tokens": {"input": 120, "output": 64},
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "message_id": "01KHN3Q2T0J8Y5V6W7X8Y9Z0AB", "session_id": ID, "role": "user", "content": "What is in the picture?",
    "status": "working", "answers": None, "created_at": AT, "metadata": {},
    "files": [{"file_id": FILE, "filename": "photo.jpg", "kind": "image"}],
}  # fmt: skip
ATTACHMENT: dict[str, Any] = {
    "file_id": FILE, "filename": "photo.jpg", "kind": "image", "content_type": "image/jpeg", "size": 48_213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "width": 1200, "height": 900,
    "transcript": None, "created_at": AT, "url": f"{URL}{FILE}/content",
}  # fmt: skip
FRAMES = (
    f'data: {{"event":"connected","session_id":"{ID}"}}\n\n'
    'data: {"event":"message","type":"text","data":"A red"}\n\n'
    'data: {"event":"message","type":"message_stop","stop_reason":"end_turn"}\n\n'
    'data: {"event":"metrics","data":{"input_tokens":120,"output_tokens":64}}\n\n'
    'data: {"event":"done"}\n\n'
)


def _around(data: object, **more: object) -> dict[str, Any]:
    return {"success": True, "data": data, **ABOUT, **more}


BEGIN = OpenApiExample(
    "A session", value={"agent_id": "intern", "display_name": "Brokers", "busy_policy": "queue"}, request_only=True
)
BEGUN = OpenApiExample("The session", value=_around(SESSION), response_only=True)
SESSIONS = OpenApiExample("A page", value=_around([SESSION], pagination=PAGINATION), response_only=True)
SAY = OpenApiExample(
    "A message with a photo",
    value={"content": "What is in the picture?", "files": [{"file_id": FILE}]},
    request_only=True,
)
SAID = OpenApiExample("The message", value=_around(MESSAGE), response_only=True, status_codes=["201"])
MESSAGES = OpenApiExample("A page", value=_around([MESSAGE], pagination=PAGINATION), response_only=True)
STREAM = OpenApiExample(
    "Frames", value=FRAMES, response_only=True, status_codes=["200"], media_type="text/event-stream"
)
KEPT = OpenApiExample("The file", value=_around(ATTACHMENT), response_only=True)
