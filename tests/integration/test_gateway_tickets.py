"""A prompt is answered with a ticket; the ticket is asked for until it is there; the conversation is remembered."""

from __future__ import annotations

import pytest
from django.test import override_settings

from agents.models import Session
from apps.gateway.models import Completion
from nexus import engine
from tests.support import runs
from tests.support.people import Person, a_cast
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)

CHAT = "/v1/chat/completions"
PROMPT = "如何用 Python 读取 CSV 文件？请给出一个例子，并说明编码问题应当如何处理。"


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(MEDIA_ROOT=str(tmp_path)):
        yield sandbox


@pytest.fixture
def cast():
    return a_cast()


def ticket(person: Person, prompt: str = PROMPT, **given):
    answer = person.post(CHAT, {"prompt": prompt, "model": "gemini-2.5-flash", **given}, **given.pop("headers", {}))
    assert answer.status_code == 200, answer.content
    return answer.json()


def task(person: Person, told: dict) -> dict:
    return person.get(f"/v1/tasks/{told['task_id']}").json()


def history(person: Person, told: dict) -> list[tuple[str, str]]:
    answer = person.get(f"/v1/conversations/{told['conversation_id']}/history")
    assert answer.status_code == 200, answer.content
    return [(turn["role"], turn["content"]) for turn in answer.json()["history"]]


def work(told: dict) -> engine.Run:
    """Do what the ticket asks for, as a worker would."""
    message = Completion.objects.select_related("message").get(public_id=told["task_id"]).message
    run = engine.runs.get(pk=message.run_id)
    runs.work(run)
    return run


def test_a_prompt_is_answered_with_a_ticket_at_once(cast):
    answer = cast.alice.client.post(
        CHAT, {"prompt": PROMPT, "model": "gemini-2.5-flash", "conversation_id": None},
        content_type="application/json", headers={"Accept-Language": "zh-hans"},
    )  # fmt: skip

    told = answer.json()
    assert (answer.status_code, told["status"], told["message"]) == (200, 0, "对话请求已入队")
    session = Session.objects.get(public_id=told["conversation_id"])
    assert session.title == PROMPT[:30]
    assert answer["Location"] == f"/v1/tasks/{told['task_id']}"


@pytest.mark.parametrize(
    ("model", "queue"),
    [
        ("gemini-2.5-flash", "nexus.model.gemini"),
        ("Stable-Diffusion-XL", "nexus.model.sd"),
        ("deepseek-chat", "nexus.model.deepseek"),
        ("somebody-elses-model", "nexus.model.gemini"),
        ("nexus/intern", "nexus.agents"),
        (None, "nexus.model.gemini"),
    ],
)
def test_the_models_name_says_which_queue_it_waits_in(cast, model, queue):
    told = ticket(cast.alice, model=model)

    message = Completion.objects.get(public_id=told["task_id"]).message
    assert engine.tasks.get(run_id=message.run_id).queue == queue


def test_the_ticket_says_when_it_is_answered_what_it_took(cast, sandbox):
    sandbox.script(text="用 csv 模块。")
    told = ticket(cast.alice)
    assert (task(cast.alice, told)["status"], task(cast.alice, told)["cost_time"]) == (0, None)

    work(told)

    done = task(cast.alice, told)
    assert (done["status"], done["response_text"], done["error_msg"]) == (1, "用 csv 模块。", None)
    assert (done["model"], done["task_type"], done["prompt"]) == ("gemini-2.5-flash", "TEXT", PROMPT)
    assert done["cost_time"] == round(done["cost_time"], 2) >= 0
    assert [one["model"] for one in sandbox.journal() if one["path"] == CHAT] == ["gemini-2.5-flash"]


def test_a_conversation_is_remembered_and_told_oldest_first(cast, sandbox):
    sandbox.script(text="First answer", match={"contains": "First"})
    first = ticket(cast.alice, "First question")
    work(first)
    before = Session.objects.get(public_id=first["conversation_id"]).last_active_at
    second = ticket(cast.alice, "Second question", conversation_id=first["conversation_id"])

    assert second["conversation_id"] == first["conversation_id"]
    assert Session.objects.get(public_id=first["conversation_id"]).last_active_at > before
    assert history(cast.alice, first) == [
        ("user", "First question"), ("assistant", "First answer"), ("user", "Second question"),
    ]  # fmt: skip
    sandbox.script(text="I remember", match={"contains": "First answer"})
    work(second)
    assert task(cast.alice, second)["response_text"] == "I remember"


def test_what_failed_says_so_and_stays_failed(cast, sandbox):
    sandbox.script(status=400, times=None)
    told = ticket(cast.alice)
    work(told)

    done = task(cast.alice, told)
    assert (done["status"], done["response_text"]) == (2, None)
    assert done["error_msg"]
    assert history(cast.alice, told) == [("user", PROMPT), ("assistant", f"任务失败: {done['error_msg']}")]
    sandbox.forget_scenarios()
    work(told)
    assert task(cast.alice, told)["status"] == 2


def test_a_provider_that_is_down_keeps_the_ticket_waiting_and_says_why(cast, sandbox):
    sandbox.script(status=529, times=None)
    told = ticket(cast.alice)
    work(told)

    waiting = task(cast.alice, told)
    assert (waiting["status"], waiting["error_msg"]) == (0, None)
    assert waiting["waiting_for"]


def test_a_conversation_that_is_not_there_is_no_other_one(cast):
    theirs = ticket(cast.alice)["conversation_id"]
    for person, unknown in ((cast.alice, "sess-00000000-0000-4000-8000-000000000000"), (cast.charlie, theirs)):
        answer = person.post(CHAT, {"prompt": "x", "conversation_id": unknown})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert person.get(f"/v1/conversations/{unknown}/history").status_code == 404
    assert Session.objects.count() == 1


def test_the_same_key_is_the_same_ticket(cast):
    given = {"headers": {"Idempotency-Key": "k-1"}}
    first, again = (cast.alice.post(CHAT, {"prompt": "x"}, **given["headers"]) for _ in range(2))

    assert first.json() == again.json()
    assert Completion.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b'"x"', b'{"prompt"', b'{"prompt": 5}', b'{"prompt": " "}', b'{"prompt": "\\u0000"}',
        b'{"prompt": "\\ud800"}', b'{"prompt": "x", "prompt": "y"}', b'{"prompt": "x", "wish": 1}',
        b'{"prompt": "x", "model": 1e999}', b'{"prompt": "x", "conversation_id": {"a": 1}}',
        b'{"prompt": "x", "messages": []}', b'{"messages": [{}]}', b'{"model": "x", "messages": "y"}',
        b'{"model": "nexus/auto", "messages": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"model": "nexus/auto", "messages": [{"role": "user", "content": "x"}], "max_tokens": -1}',
        b'{"model": "nexus/auto", "messages": [{"role": "user", "content": "x"}], "max_tokens": 9223372036854775808}',
        b'{"model": "' + b"x" * 300 + b'", "messages": [{"role": "user", "content": "x"}]}',
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_in_openais_form(cast, body):
    for path in (CHAT, "/v1/responses"):
        answer = cast.alice.post(path, body)
        assert 400 <= answer.status_code < 500, answer.content
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert Completion.objects.count() == 0
