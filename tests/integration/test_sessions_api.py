"""Conversations over HTTP: the envelope, pages, one message per key, files, nothing for strangers."""

from __future__ import annotations

import base64

import pytest
from django.test import override_settings

from agents.models import Message
from nexus import engine
from tests.support import sent_files as media
from tests.support.people import Role, a_cast, a_person
from tests.support.stories import models_answered
from tests.support.talks import WHERE, answered, begun, say

pytestmark = pytest.mark.django_db(transaction=True)
NOBODYS = "sess-00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(MEDIA_ROOT=str(tmp_path)):
        yield sandbox


@pytest.fixture
def cast():
    return a_cast()


def test_a_session_is_begun_shown_listed_and_closed(cast):
    first = cast.alice.post("/api/v2/agents/director/sessions", {"display_name": "Brokers", "metadata": {"a": 1}})
    body = first.json()
    assert set(body) == {"success", "data", "message", "timestamp", "request_id"}
    assert body["request_id"] == first["X-Request-Id"]
    session = body["data"]["session_id"]
    assert (body["data"]["agent_id"], body["data"]["project"], body["data"]["status"]) == ("director", "acme", "active")
    second = begun(cast.bob)
    listed = cast.alice.get(WHERE).json()
    assert [one["session_id"] for one in listed["data"]] == [second, session]
    assert listed["pagination"] == {
        "limit": 2, "total": 2, "has_next": False, "has_prev": False, "next": None, "previous": None,
    }  # fmt: skip
    assert len(cast.alice.get(f"{WHERE}?status=closed&project=acme").json()["data"]) == 0
    assert len(cast.alice.get("/api/v2/agents/director/sessions").json()["data"]) == 1
    say(cast.alice, session)
    closed = cast.alice.client.delete(f"{WHERE}/{session}").json()["data"]
    assert (closed["status"], closed["busy"]) == ("closed", False)
    assert say(cast.alice, session).json()["code"] == "session_closed"
    assert engine.runs.get().state == "cancelled"


def test_nobody_talks_with_an_agent_that_is_not_there(cast):
    assert cast.alice.post(WHERE, {"agent_id": "wizard"}).json()["code"] == "unknown_role"


def test_what_was_said_is_listed_in_pages_newest_first(cast):
    session = begun(cast.alice)
    say(cast.alice, session, "One", metadata={"from": "test"})
    answered(session)
    say(cast.alice, session, "Two")
    page = cast.alice.get(f"{WHERE}/{session}/messages?page_size=2").json()
    assert page["data"][0]["content"] == "Two"
    assert page["data"][1]["role"] == "assistant"
    assert page["pagination"]["total"] == 3
    older = cast.alice.get(page["pagination"]["next"].partition("testserver")[2]).json()["data"]
    assert [(one["content"], one["status"], one["metadata"]) for one in older] == [
        ("One", "answered", {"from": "test"})
    ]
    assert page["data"][1]["answers"] == older[0]["message_id"]
    shown = cast.alice.get(f"{WHERE}/{session}").json()["data"]
    assert shown["message_count"] == 3
    assert float(shown["cost_usd"]) > 0


def test_one_key_says_something_once(cast):
    session = begun(cast.alice)
    first, again = (say(cast.alice, session, key="k-1") for _ in range(2))
    assert first.json()["data"] == again.json()["data"]
    assert again["Idempotency-Replayed"] == "true"
    assert (Message.objects.count(), engine.runs.count()) == (1, 1)
    assert say(cast.alice, session, "Something else", key="k-1").json()["code"] == "idempotency_key_reused"


def test_a_session_that_refuses_says_that_it_is_busy(cast):
    session = begun(cast.alice, busy_policy="reject")
    say(cast.alice, session)
    refused = say(cast.alice, session)
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (409, "session_busy", "1")


def test_a_session_that_is_interrupted_cancels_what_it_was_doing(cast):
    session = begun(cast.alice, busy_policy="interrupt")
    say(cast.alice, session)
    say(cast.alice, session, "No: compare databases")
    states = list(engine.runs.order_by("id").values_list("state", flat=True))
    assert states == ["cancelled", "open"]


PATHS = ["", "/messages", "/stream"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_another_projects_session_is_answered_as_one_that_is_not_there(cast, path, method):
    session = begun(cast.alice)
    say(cast.alice, session, "A secret of acme")
    body = {"data": b'{"content": "Hello"}', "content_type": "application/json"} if method == "post" else {}
    foreign, nobodys = (
        getattr(cast.charlie.client, method)(f"{WHERE}/{name}{path}", **body) for name in (session, NOBODYS)
    )
    assert foreign.status_code == nobodys.status_code
    assert foreign.status_code in (404, 405)
    assert Message.objects.count() == 1


def test_who_only_reads_reads(cast):
    session = begun(cast.alice)
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    assert say(viewer, session).json()["code"] == "read_only_member"
    assert viewer.client.delete(f"{WHERE}/{session}").json()["code"] == "read_only_member"
    assert viewer.get(f"{WHERE}/{session}").status_code == 200


def test_files_come_as_bytes_or_by_their_ids(cast, sandbox):
    session = begun(cast.alice)
    data = base64.b64encode(media.png()).decode()
    files = [{"filename": "a.png", "content_type": "image/png", "data": data, "size": len(media.png())}]
    said = say(cast.alice, session, "What is it?", files=files).json()["data"]
    assert said["files"][0]["kind"] == "image"
    answered(session)
    again = say(cast.alice, session, "", files=[{"file_id": said["files"][0]["file_id"]}])
    assert again.status_code == 201
    answered(session)
    assert Message.objects.filter(status="answered").count() == 2


@pytest.mark.parametrize(
    "file",
    [{}, {"data": "%%"}, {"data": "aGk=", "size": 5}, {"data": "aGk=", "file_id": f"att-{NOBODYS[5:]}"},
     {"file_id": f"att-{NOBODYS[5:]}"}, {"data": "aGk=", "content_type": "image/png"}],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_and_nothing_is_said(cast, file):
    session = begun(cast.alice)
    refused = say(cast.alice, session, "Look", files=[file])
    assert refused.status_code in (415, 422), refused.content
    assert not Message.objects.exists()
