"""A conversation with real workers, and what people send along, from the command line to the deliverable."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from apps.sandbox.remote import Remote
from tests.support import orders
from tests.support import sent_files as media
from tests.support.rivals import wait_for
from tests.support.stack import KEY, ROOT, Stack


def begun(client: httpx2.Client, **given) -> str:
    answer = client.post("/api/v2/sessions", json=given)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["session_id"])


def told(client: httpx2.Client, session: str, content: str) -> list[dict]:
    """Say something; every frame that is heard until the end."""
    with client.stream("POST", f"/api/v2/sessions/{session}/stream", json={"content": content}) as answer:
        assert answer.status_code == 200
        return [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line.startswith("data: ")]


def said(client: httpx2.Client, session: str) -> list[dict]:
    return list(client.get(f"/api/v2/sessions/{session}/messages").json()["data"])


def terminal(nexus: Stack, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command of bin/nexus, on the running stack."""
    env = {**nexus.env, "NEXUS_URL": nexus.url, "NEXUS_API_KEY": KEY}
    return subprocess.run(
        [sys.executable, "-m", "apps.terminal", *words],
        cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_an_answer_is_heard_and_is_there_afterwards(nexus: Stack):
    with nexus.client() as client:
        session = begun(client)
        frames = told(client, session, 'Compare three message brokers for a small team [[sandbox: {"chunk_ms": 40}]]')
        assert frames[0] == {"event": "connected", "session_id": session}
        assert [frame["event"] for frame in frames[-2:]] == ["metrics", "done"]
        heard = [frame["data"] for frame in frames if frame.get("type") == "text"]
        answer, question = said(client, session)
        assert answer["content"] == "".join(heard)
        assert len(heard) > 1  # while it was written, and not when it was done
        assert answer["answers"] == question["message_id"]


@dataclass(frozen=True)
class Survived:
    """What callers have of a worker that died at work."""

    session: str
    messages: list[dict]
    completion: httpx2.Response


@pytest.fixture(scope="module")
def survived(nexus: Stack) -> Survived:
    """A worker that is asked for a completion, and dies with the answer to a message in hand while it is made."""
    nexus.kill("agents")
    nexus.start_worker("agents", NEXUS_CRASH="K11")
    sandbox = Remote(nexus.sandbox_url)
    sandbox.script(latency_ms=6_000, match={"contains": "lighthouse"}, times=1)
    with nexus.client() as client, ThreadPoolExecutor(1) as other:
        body = {"model": "nexus/intern", "messages": [{"role": "user", "content": "Describe a lighthouse"}]}
        asked_before = sandbox.count()
        waiting = other.submit(client.post, "/v1/chat/completions", json=body, timeout=90)
        wait_for(lambda: sandbox.count() > asked_before, what="the request for the completion")
        session = begun(client)
        client.post(f"/api/v2/sessions/{session}/messages", json={"content": "Name one message broker"})
        wait_for(lambda: nexus.running["agents"]._popen.poll() is not None, what="the worker to die")
        assert len(said(client, session)) == 1
        assert not waiting.done()
        nexus.kill("agents")
        nexus.start_worker("agents")
        wait_for(lambda: len(said(client, session)) == 2, within=60, what="the answer")
        assert client.get(f"/api/v2/sessions/{session}").json()["data"]["busy"] is False
        completion = waiting.result(90)
        messages = said(client, session)
    sandbox.forget_scenarios()
    return Survived(session, messages, completion)


def requests_of(nexus: Stack, order: str) -> list[tuple[str, int]]:
    """State of each physical request, oldest first, and how often it was charged."""
    return nexus.rows(
        "SELECT r.state, (SELECT count(*) FROM billing_ledgerentry l WHERE l.request_id = r.id AND l.kind = 'CHARGE')"
        " FROM agents_modelrequest r JOIN agents_modelcall c ON c.id = r.call_id WHERE c.order_ref = %s"
        " ORDER BY r.created_at",
        order,
    )


def test_a_worker_that_dies_with_the_answer_in_hand_leaves_one_answer_that_was_paid_once(nexus: Stack, survived):
    assert len(survived.messages) == 2
    assert requests_of(nexus, survived.session) == [("SETTLED", 1)]
    orders.assert_books_balance(nexus)


def test_a_worker_that_dies_while_a_completion_is_made_leaves_its_caller_with_an_answer(nexus: Stack, survived):
    assert survived.completion.status_code == 200, survived.completion.text
    made = survived.completion.json()
    assert made["choices"][0]["message"]["content"]
    found = requests_of(nexus, made["id"])
    assert [charges for _, charges in found] == [1, 1]  # what was under way when it died, and what was answered
    orders.assert_books_balance(nexus)
    orders.assert_settled_once(nexus)


def test_a_photo_and_a_voice_note_are_read_for_the_deliverable(nexus: Stack, tmp_path: Path):
    photo, voice = tmp_path / "photo.png", tmp_path / "voice.wav"
    photo.write_bytes(media.png(641, 479))
    voice.write_bytes(media.wav(3.0, says="please mention the harbour lights"))
    done = terminal(
        nexus,
        "run",
        "--attach",
        str(photo),
        "--attach",
        str(voice),
        "Write a caption for the photo as I say in the note",
    )
    assert done.returncode == 0, done.stderr
    assert "641" in done.stdout
    assert "479" in done.stdout
    assert "harbour lights" in done.stdout
    assert "3.00 seconds" in done.stdout
    heard = nexus.rows("SELECT heard_ms, amount FROM billing_ledgerentry WHERE role = 'listener'")
    assert [(ms, float(amount)) for ms, amount in heard] == [(3000, 0.0003)]
    orders.assert_books_balance(nexus)


def test_the_terminal_talks(nexus: Stack):
    done = terminal(nexus, "chat", "--json", stdin="Compare three message brokers\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"]
    missing = terminal(nexus, "run", "--attach", "/nowhere.png", "Look")
    assert (missing.returncode, "/nowhere.png" in missing.stderr) == (2, True)
