"""OpenAI's own client, as it is published, with a whole Nexus behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import openai
import pytest

from apps.sandbox.remote import Remote
from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import KEY, ROOT, Stack

ASKED = [{"role": "user", "content": "Compare three message brokers for a small team"}]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": WEATHER}}
LONG = "One word after the other, until the reader has had enough of it. " * 12


@pytest.fixture
def client(nexus: Stack) -> Iterator[openai.OpenAI]:
    with (
        openai.DefaultHttpxClient(trust_env=False) as line,
        openai.OpenAI(api_key=KEY, base_url=f"{nexus.url}/v1", max_retries=0, http_client=line) as made,
    ):
        yield made


@pytest.fixture
def sandbox(nexus: Stack) -> Iterator[Remote]:
    remote = Remote(nexus.sandbox_url)
    yield remote
    remote.forget_scenarios()


def test_a_chat_completion_in_one_piece(client):
    made = client.chat.completions.create(model="nexus/intern", messages=ASKED)

    assert made.id.startswith("chatcmpl-")
    assert made.choices[0].finish_reason == "stop"
    assert "sandbox" in made.choices[0].message.content
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens > 0
    assert client.chat.completions.retrieve(made.id).choices == made.choices


def test_the_chunks_of_a_stream_are_those_that_clients_need(client):
    with client.chat.completions.create(
        model="nexus/auto", messages=ASKED, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)

    first, *interior, last, counted = chunks
    assert first.choices[0].delta.role == "assistant"
    assert {(chunk.id, chunk.created, chunk.model) for chunk in chunks} == {(first.id, first.created, "nexus/auto")}
    assert [chunk.choices[0].finish_reason for chunk in (first, *interior)] == [None] * (1 + len(interior))
    assert (last.choices[0].finish_reason, last.choices[0].delta.content) == ("stop", None)
    assert (counted.choices, counted.usage.total_tokens > 0) == ([], True)
    told = "".join(chunk.choices[0].delta.content or "" for chunk in interior)
    assert told == client.chat.completions.retrieve(first.id).choices[0].message.content


def test_tools_are_asked_for_and_answered(client):
    asked = [{"role": "user", "content": "Use get_weather and tell me whether I need an umbrella"}]
    made = client.chat.completions.create(model="nexus/director", messages=asked, tools=[TOOL])
    (call,) = made.choices[0].message.tool_calls
    assert (made.choices[0].finish_reason, call.function.name) == ("tool_calls", "get_weather")
    assert set(json.loads(call.function.arguments)) == {"city"}

    with client.chat.completions.create(model="nexus/director", messages=asked, tools=[TOOL], stream=True) as stream:
        deltas = [chunk.choices[0].delta.tool_calls[0] for chunk in stream if chunk.choices[0].delta.tool_calls]
    assert {delta.index for delta in deltas} == {0}
    assert deltas[0].function.name == "get_weather"
    assert json.loads("".join(delta.function.arguments for delta in deltas)).keys() == {"city"}

    told = {"role": "tool", "tool_call_id": call.id, "content": "Rain all day"}
    said = made.choices[0].message.model_dump(exclude_none=True)
    done = client.chat.completions.create(model="nexus/director", messages=[*asked, said, told], tools=[TOOL])
    assert "Rain all day" in done.choices[0].message.content


def test_a_familys_model_is_asked_in_its_own_queue(client, nexus):
    made = client.chat.completions.create(model="gemini-2.5-flash", messages=ASKED)

    assert made.model == "gemini-2.5-flash"
    task = "SELECT t.queue FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id WHERE r.subject = %s"
    assert nexus.rows(task, made.id) == [("nexus.model.gemini",)]
    ledger = "SELECT provider, model FROM billing_ledgerentry WHERE order_ref = %s"
    assert nexus.rows(ledger, made.id) == [("gemini", "gemini-2.5-flash")]
    orders.assert_books_balance(nexus)


def test_a_response_in_the_background_is_asked_for_until_it_is_there(client):
    begun = client.responses.create(model="nexus/intern", input="Name one message broker", background=True)
    assert begun.status in ("queued", "in_progress", "completed")

    done = wait_for(lambda: _completed(client, begun.id), what="the response")
    assert "sandbox" in done.output_text
    assert done.usage.total_tokens > 0

    more = client.responses.create(model="nexus/intern", input="And another one", previous_response_id=done.id)
    assert (more.status, more.previous_response_id) == ("completed", done.id)
    assert more.usage.input_tokens > done.usage.input_tokens


def test_a_response_is_cancelled(client, sandbox):
    sandbox.script(latency_ms=3_000, match={"contains": "harbour"})
    begun = client.responses.create(model="nexus/intern", input="Describe a harbour", background=True)

    assert client.responses.cancel(begun.id).status == "cancelled"
    assert client.responses.retrieve(begun.id).status == "cancelled"


def test_a_stream_that_broke_is_gone_on_with(client, sandbox):
    sandbox.script(text=LONG, chunk_ms=60, match={"contains": "enough"})
    heard: list = []
    with client.responses.create(model="nexus/intern", input="Write until it is enough", stream=True) as stream:
        for event in stream:
            heard.append(event)
            if len([one for one in heard if one.type == "response.output_text.delta"]) == 2:
                break
    response = heard[0].response.id
    after = heard[-1].sequence_number
    with client.responses.retrieve(response, stream=True, starting_after=after) as stream:
        rest = list(stream)

    numbers = [event.sequence_number for event in (*heard, *rest)]
    assert numbers == sorted(set(numbers))
    assert [event.type for event in heard[:4]] == [
        "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
    ]  # fmt: skip
    assert rest[-1].type == "response.completed"
    told = "".join(event.delta for event in (*heard, *rest) if event.type == "response.output_text.delta")
    assert told == rest[-1].response.output_text == client.responses.retrieve(response).output_text


def test_the_helper_for_streams_follows_a_response_with_tools(client):
    tool = {"type": "function", **TOOL["function"], "strict": False}
    with client.responses.stream(model="nexus/intern", input="Use get_weather for me", tools=[tool]) as stream:
        types = [event.type for event in stream]
        done = stream.get_final_response()
    assert types[-1] == "response.completed"
    assert [item.type for item in done.output] == ["function_call"]
    assert done.output[0].name == "get_weather"


def test_what_is_refused_is_refused_in_the_clients_own_words(client, nexus):
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="nobodys-model", messages=ASKED)
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert unknown.value.request_id
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_nobodys")
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="nexus/intern", messages=[{"role": "wizard", "content": "x"}])
    assert wrong.value.param == "messages[0].role"
    with pytest.raises(openai.AuthenticationError) as stranger:
        client.with_options(api_key="nx_0000000000TEST_" + "x" * 43).models.list()
    assert stranger.value.code == "invalid_api_key"
    _limit(nexus, "0.000001")
    try:
        for streamed in (False, True):
            with pytest.raises(openai.RateLimitError) as spent:
                client.chat.completions.create(model="nexus/ceo", messages=ASKED, stream=streamed)
            assert spent.value.code == "insufficient_quota"
    finally:
        _limit(nexus, None)


def test_models_are_listed_and_shown(client):
    offered = {model.id for model in client.models.list()}

    assert {"nexus/auto", "nexus/ceo", "nexus/director", "nexus/intern", "gemini-2.5-flash", "deepseek"} <= offered
    assert client.models.retrieve("nexus/auto").owned_by == "nexus"


def _completed(client: openai.OpenAI, response: str):
    found = client.responses.retrieve(response)
    assert found.status in ("queued", "in_progress", "completed"), found.error
    return found if found.status == "completed" else None


def _limit(nexus: Stack, usd: str | None) -> None:
    with nexus.client() as board:
        answer = board.put("/api/v2/budgets/role/ceo", json={"limit_usd": usd})
        assert answer.status_code == 200, answer.text


def test_a_ticket_is_polled_until_it_is_answered(nexus: Stack):
    with nexus.client() as client:
        told = client.post("/v1/chat/completions", json={"prompt": "Name one broker", "model": "deepseek-chat"}).json()
        done = wait_for(lambda: _answered(client, told["task_id"]), what="the ticket")
        history = client.get(f"/v1/conversations/{told['conversation_id']}/history").json()["history"]
    assert (done["status"], done["cost_time"] > 0) == (1, True)
    assert [turn["role"] for turn in history] == ["user", "assistant"]
    assert history[1]["content"] == done["response_text"]
    orders.assert_books_balance(nexus)


def test_a_whole_work_order_is_a_model_too(client):
    made = client.chat.completions.create(model="nexus/order", messages=[{"role": "user", "content": orders.REQUEST}])

    order = made.model_extra["nexus"]["work_order_id"]
    assert order.startswith("WO-")
    assert made.choices[0].message.content.startswith("#")
    assert made.usage.total_tokens > 0


def test_an_error_of_a_worker_is_in_the_system_log(nexus: Stack):
    run = nexus.submit("test.fails")
    with nexus.client() as board:
        found = wait_for(
            lambda: board.get(f"/api/v2/system-log?run_id={run}").json()["results"], what="the entry", within=30
        )
    assert "RuntimeError: attempt" in found[-1]["trace"]
    assert "hunter2secret" not in str(found)


def test_the_scene_of_the_tickets_reaches_its_end(nexus: Stack):
    env = {**nexus.env, "NEXUS_URL": nexus.url, "NEXUS_API_KEY": KEY}
    played = subprocess.run(
        [sys.executable, "-m", "apps.terminal", "demo", "tickets", "--json"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    assert "nexus/auto" in played.stdout


def _answered(client, task: str):
    found = client.get(f"/v1/tasks/{task}").json()
    return found if found["status"] else None
