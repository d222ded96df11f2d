"""Conversations over HTTP, and a worker for them in this process."""

from __future__ import annotations

from agents.models import Message
from nexus import engine
from tests.support import runs

WHERE = "/api/v2/sessions"


def begun(person, **given):
    answer = person.post(WHERE, given)
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]["session_id"]


def say(person, session, content="Compare three message brokers", key=None, **given):
    headers = {"Idempotency-Key": key} if key else {}
    return person.post(f"{WHERE}/{session}/messages", {"content": content, **given}, **headers)


def answered(session):
    for run_id in Message.objects.filter(session__public_id=session, run_id__isnull=False).values_list(
        "run_id", flat=True
    ):
        runs.work(engine.runs.get(pk=run_id))
