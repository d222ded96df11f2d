"""An answer is heard while it is written: frames byte for byte, from the beginning whenever one asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx2
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import override_settings

from agents import roles
from agents.models import Message, Session
from nexus.events import hint
from nexus.queues.keys import HINT, said
from tests.support.loopback import NOBODY
from tests.support.loops import uses
from tests.support.people import a_cast
from tests.support.rivals import wait_for
from tests.support.stories import models_answered
from tests.support.talks import WHERE, answered, begun, say
from tests.support.web import Web, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(MEDIA_ROOT=str(tmp_path)):
        yield sandbox


@pytest.fixture
def cast():
    return a_cast()


class Listening:
    """A client of the stream; what it hears is kept as it came."""

    def __init__(self, web: Web, person, session: str, body=None, query: str = "") -> None:
        self._headers = {"Authorization": f"Bearer {person.token}"}
        self._url = f"http://{web.address}{WHERE}/{session}/stream{query}"
        self._body = body
        self.raw = b""
        self.status = 0
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        method = "GET" if self._body is None else "POST"
        with (
            httpx2.Client(timeout=20, trust_env=False, verify=NOBODY) as client,
            client.stream(method, self._url, headers=self._headers, json=self._body) as answer,
        ):
            self.status = answer.status_code
            for piece in answer.iter_raw():
                self.raw += piece
                self.connected.set()

    def heard(self) -> list[dict]:
        self._thread.join(30)
        assert not self._thread.is_alive(), self.raw
        frames = self.raw.decode().split("\n\n")
        assert frames.pop() == ""
        assert all(frame.startswith("data: ") for frame in frames), frames
        return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def worked(listening: Listening) -> None:
    """Carry out what was said, as a worker would, once the stream is there."""
    assert listening.connected.wait(20)
    (session,) = Session.objects.values_list("public_id", flat=True)
    answered(session)
    hint._teller = hint._Teller()


def words(frames):
    return "".join(frame["data"] for frame in frames if frame.get("type") == "text")


def test_the_frames_are_the_seeds_byte_for_byte(web, cast, sandbox):
    sandbox.script(text="Hello there")
    session = begun(cast.alice)
    listening = Listening(web, cast.alice, session, {"content": "Hi"})
    worked(listening)
    frames = listening.heard()
    answer = Message.objects.get(role="assistant")
    told = b"".join(
        f"data: {json.dumps(frame, separators=(',', ':'))}\n\n".encode()
        for frame in [
            {"event": "connected", "session_id": session},
            *(frame for frame in frames if frame.get("type") == "text"),
            {"event": "message", "type": "message_stop", "stop_reason": "end_turn"},
            {"event": "metrics", "data": answer.metadata["usage"]},
            {"event": "done"},
        ]
    )
    assert listening.raw == told
    assert words(frames) == answer.content == "Hello there"


def test_a_stream_that_is_opened_again_tells_the_answer_from_its_beginning(web, cast):
    session = begun(cast.alice)
    message = say(cast.alice, session).json()["data"]["message_id"]
    answered(session)
    say(cast.alice, session, "And now?")
    frames = Listening(web, cast.bob, session, query=f"?message={message}").heard()
    assert [frame["event"] for frame in frames] == ["connected", "message", "message", "metrics", "done"]
    assert words(frames) == Message.objects.get(role="assistant").content


def test_who_comes_in_the_middle_hears_what_was_written_and_goes_on_from_there(web, cast, sandbox):
    sandbox.script(text=" ".join(f"word{number}" for number in range(120)), chunk_ms=40)
    session = begun(cast.alice)
    first, late = Listening(web, cast.alice, session, {"content": "Hi"}), []

    def join() -> None:
        wait_for(lambda: b'"text"' in first.raw, what="the first words")
        late.append(Listening(web, cast.bob, session))

    joining = threading.Thread(target=join)
    joining.start()
    worked(first)
    joining.join()
    content = Message.objects.get(role="assistant").content
    for listening in (first, *late):
        frames = listening.heard()
        assert words(frames) == content
        assert len([frame for frame in frames if frame.get("type") == "text"]) > 2


def test_an_agents_tools_are_told_while_they_work(web, cast, sandbox):
    roles.change("intern", actor="test", tools=["try_adds"])
    sandbox.play(uses(("try_adds", {"a": 41}), ("try_flies", {}), text="I add."), {"text": "It is 42."})
    session = begun(cast.alice)
    listening = Listening(web, cast.alice, session, {"content": "What is 41 and 1?"})
    worked(listening)
    frames = listening.heard()
    assert words(frames) == Message.objects.get(role="assistant").content == "I add.\n\nIt is 42."
    told = [{key: frame[key] for key in frame if key not in ("event", "tool_id")} for frame in frames]
    assert [one for one in told if str(one.get("type")).startswith("tool_")] == [
        {"type": "tool_use", "tool_name": "try_adds"},
        {"type": "tool_input", "data": '{"a": 41}'},
        {"type": "tool_end", "tool_name": "try_adds", "tool_input": '{"a": 41}', "is_error": False,
         "tool_result": "42"},
        {"type": "tool_use", "tool_name": "try_flies"},
        {"type": "tool_end", "tool_name": "try_flies", "tool_input": "", "is_error": True,
         "tool_result": "There is no tool 'try_flies' here."},
    ]  # fmt: skip


def test_words_that_were_lost_on_the_way_are_heard_with_the_next_ones(web, cast, sandbox):
    session = begun(cast.alice, busy_policy="interrupt")
    listening = Listening(web, cast.alice, session, {"content": "Hi"})
    assert listening.connected.wait(20)
    (run_id,) = Message.objects.values_list("run_id", flat=True)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        one, two = ({"run": run_id, "task": "turn", "delta": f"{word} ", "at": 4 * at, "by": 1}
                    for at, word in enumerate(("one", "two")))  # fmt: skip
        client.rpush(said(run_id), json.dumps(one), json.dumps(two))  # the first was never published

        def heard() -> bool:
            client.publish(HINT, json.dumps(two))
            return b"one two " in listening.raw.replace(b'"}\n\ndata: {"event":"message","type":"text","data":"', b"")

        wait_for(heard, what="both words")
        client.publish(HINT, json.dumps(one | {"delta": "anew", "by": 2}))
        wait_for(lambda: b'"text_replace","data":"anew"' in listening.raw, what="the words of another worker")
    say(cast.alice, session, "Stop")
    assert listening.heard()[-1] == {"event": "done"}


def test_work_goes_on_when_the_client_leaves(web, cast):
    session = begun(cast.alice)
    headers = {"Authorization": f"Bearer {cast.alice.token}"}
    url = f"http://{web.address}{WHERE}/{session}/stream"
    with (
        httpx2.Client(timeout=20, trust_env=False, verify=NOBODY) as client,
        client.stream("POST", url, headers=headers, json={"content": "Compare brokers"}) as answer,
    ):
        assert next(answer.iter_raw()).startswith(b'data: {"event":"connected"')
    answered(session)
    frames = Listening(web, cast.alice, session).heard()
    assert words(frames)
    assert frames[-1] == {"event": "done"}


def test_a_message_that_waits_is_told_when_its_turn_comes(web, cast):
    session = begun(cast.alice)
    say(cast.alice, session)
    listening = Listening(web, cast.alice, session, {"content": "And which is the fastest?"})
    assert listening.connected.wait(20)
    answered(session)
    answered(session)
    last = Message.objects.filter(role="assistant").latest("pk")
    assert words(listening.heard()) == last.content


def test_an_answer_that_fails_says_why(web, cast, sandbox):
    sandbox.script(status=400, times=None)
    session = begun(cast.alice)
    listening = Listening(web, cast.alice, session, {"content": "Hi"})
    worked(listening)
    *_, error, done = listening.heard()
    assert error["event"] == "error"
    assert "400" in error["error"]
    assert done == {"event": "done"}


def test_an_answer_that_is_interrupted_says_so(web, cast):
    session = begun(cast.alice, busy_policy="interrupt")
    listening = Listening(web, cast.alice, session, {"content": "Hi"})
    assert listening.connected.wait(20)
    say(cast.alice, session, "Stop")
    assert listening.heard()[1:] == [{"event": "error", "error": "The answer was interrupted."}, {"event": "done"}]


def test_a_stream_refuses_as_the_api_does(web, cast):
    session = begun(cast.alice)
    refused = Listening(web, cast.alice, session, {"content": ""})
    refused._thread.join(20)
    assert (refused.status, json.loads(refused.raw)["code"]) == (422, "message_invalid")
    silent = Listening(web, cast.alice, session)
    silent._thread.join(20)
    assert (silent.status, json.loads(silent.raw)["code"]) == (404, "not_found")
    connection.close()
