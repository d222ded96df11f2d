"""A whole conversation by script: which tools are called, turn by turn, on every wire alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running

SHAPE = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ, WRITE = "read_file", "write_file"
TURNS: tuple[dict[str, Any], ...] = (
    {"text": "I look.", "tool_calls": [{"name": READ, "input": {"path": "a"}}, {"name": READ, "input": {"path": "b"}}]},
    {"tool_calls": [{"name": WRITE, "input": {"path": "{{results.0.next}}"}}]},
    {"text": "Done: {{result.next}}"},
)
EXPECTED = [[(READ, "a"), (READ, "b")], [(WRITE, "after a")], []]
ANSWER = "Done: after after a"


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


def run_tool(given: dict[str, Any]) -> str:
    return json.dumps({"next": f"after {given['path']}"})


def by_messages(box: Remote, prompt: str) -> tuple[list[list[tuple[str, str]]], str]:
    tools: Any = [{"name": name, "input_schema": SHAPE} for name in (READ, WRITE)]
    turns: list[Any] = [{"role": "user", "content": prompt}]
    made: list[list[tuple[str, str]]] = []
    with anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0) as client:
        while True:
            with client.messages.stream(
                model="claude-sonnet-5-5", max_tokens=900, messages=turns, tools=tools
            ) as stream:
                message: Any = stream.get_final_message()
            calls = [block for block in message.content if block.type == "tool_use"]
            made.append([(call.name, call.input["path"]) for call in calls])
            if message.stop_reason != "tool_use":
                return made, message.content[0].text
            results = [{"type": "tool_result", "tool_use_id": c.id, "content": run_tool(c.input)} for c in calls]
            turns += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def by_chat(box: Remote, prompt: str) -> tuple[list[list[tuple[str, str]]], str]:
    tools: Any = [{"type": "function", "function": {"name": name, "parameters": SHAPE}} for name in (READ, WRITE)]
    turns: list[Any] = [{"role": "system", "content": "Work."}, {"role": "user", "content": prompt}]
    made: list[list[tuple[str, str]]] = []
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0) as client:
        while True:
            found: Any = client.chat.completions.create(model="gpt-6-sol", messages=turns, tools=tools)
            message = found.choices[0].message
            calls = [(call.id, call.function) for call in message.tool_calls or ()]
            made.append([(called.name, json.loads(called.arguments)["path"]) for _, called in calls])
            if not calls:
                return made, message.content
            turns.append(message)
            for name, called in calls:
                output = run_tool(json.loads(called.arguments))
                turns.append({"role": "tool", "tool_call_id": name, "content": output})


def by_responses(box: Remote, prompt: str) -> tuple[list[list[tuple[str, str]]], str]:
    tools: Any = [{"type": "function", "name": name, "parameters": SHAPE, "strict": False} for name in (READ, WRITE)]
    given: dict[str, Any] = {"input": prompt}
    made: list[list[tuple[str, str]]] = []
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0) as client:
        while True:
            found: Any = client.responses.create(model="gpt-6-sol", tools=tools, reasoning={"effort": "high"}, **given)
            calls = [item for item in found.output if item.type == "function_call"]
            made.append([(call.name, json.loads(call.arguments)["path"]) for call in calls])
            if not calls:
                return made, found.output_text
            outputs = [
                {"type": "function_call_output", "call_id": c.call_id, "output": run_tool(json.loads(c.arguments))}
                for c in calls
            ]
            given = {"input": outputs, "previous_response_id": found.id}


WIRES = {"messages": by_messages, "chat": by_chat, "responses": by_responses}


@pytest.mark.parametrize("wire", WIRES)
def test_a_play_is_given_turn_by_turn(sandbox, wire):
    sandbox.play(*TURNS, match={"contains": "Mend it"})
    assert WIRES[wire](sandbox, "Mend it, please") == (EXPECTED, ANSWER)
    assert [entry["scenario"] for entry in sandbox.journal()] == ["s1"] * 3
    assert WIRES[wire](sandbox, "Mend it, please") == (EXPECTED, ANSWER)  # it stays, unless times says otherwise


@pytest.mark.parametrize("wire", WIRES)
def test_a_play_may_stand_in_the_prompt(sandbox, wire):
    script = json.dumps({"turns": TURNS})
    assert WIRES[wire](sandbox, f"Mend it [[sandbox: {script}]] please") == (EXPECTED, ANSWER)
    assert {entry["scenario"] for entry in sandbox.journal()} == {"prompt"}


def test_a_script_in_the_prompt_is_meant_for_one_turn(sandbox):
    script = json.dumps({"text": "first", "tool_calls": [{"name": READ, "input": {"path": "a"}}]})
    made, text = by_chat(sandbox, f"Mend it [[sandbox: {script}]]")
    assert made == [[(READ, "a")], []]
    assert "no model was asked" in text


def test_a_script_in_the_prompt_is_not_talked_about(sandbox):
    script = json.dumps({"turns": [{"tool_calls": [{"name": READ, "input": {"path": "a"}}]}]})
    _, text = by_chat(sandbox, f"Mend the parser [[sandbox: {script}]] today")
    assert "“Mend the parser today”" in text
    assert "[[" not in text


@pytest.mark.parametrize("wire", WIRES)
def test_what_comes_after_the_last_turn_is_the_sandboxs_own(sandbox, wire):
    sandbox.play(TURNS[0], match={"contains": "Mend it"})
    made, text = WIRES[wire](sandbox, "Mend it, please")
    assert made == [EXPECTED[0], []]
    assert "after a" in text
    assert "no model was asked" in text


def test_a_turn_that_is_asked_again_is_answered_again(sandbox):
    sandbox.play(*TURNS, match={"contains": "Mend it"}, times=1)
    sandbox.script(match={"contains": "Mend it", "nth": 1}, status=529)
    with openai.OpenAI(base_url=f"{sandbox.url}/v1", api_key="k", max_retries=0) as client:
        asked: Any = {"model": "gpt-6-sol", "messages": [{"role": "user", "content": "Mend it"}]}
        first, second = (client.chat.completions.create(**asked) for _ in range(2))
    assert first.choices == second.choices
    assert first.choices[0].message.tool_calls


def test_a_play_is_spent_by_its_last_turn(sandbox):
    sandbox.play(*TURNS, match={"contains": "Mend it"}, times=1)
    assert by_chat(sandbox, "Mend it")[1] == ANSWER
    assert sandbox.scenarios() == []


def test_a_new_request_of_the_user_begins_its_own_play(sandbox):
    sandbox.play({"text": "first"}, match={"contains": "One"})
    sandbox.play({"text": "second"}, match={"contains": "Two"})
    turns: list[Any] = [{"role": "user", "content": "One"}]
    with anthropic.Anthropic(base_url=sandbox.url, api_key="k", max_retries=0) as client:
        asked: Any = {"model": "claude-sonnet-5-5", "max_tokens": 99}
        assert client.messages.create(**asked, messages=turns).content[0].text == "first"
        turns += [{"role": "assistant", "content": "first"}, {"role": "user", "content": "Two"}]
        assert client.messages.create(**asked, messages=turns).content[0].text == "second"


def test_a_script_can_be_meant_for_requests_that_offer_a_tool_or_speak_a_wire(sandbox):
    sandbox.script(match={"tool": READ}, text="with tools")
    sandbox.script(match={"provider": "openai"}, text="over there")
    sandbox.script(match={"contains": ["Be brief", "Mend"]}, text="both")
    asked: Any = {"model": "claude-sonnet-5-5", "max_tokens": 900, "messages": [{"role": "user", "content": "Mend it"}]}
    with anthropic.Anthropic(base_url=sandbox.url, api_key="k", max_retries=0) as client:
        assert "no model was asked" in client.messages.create(**asked).content[0].text
        assert client.messages.create(**asked, system="Be brief").content[0].text == "both"
    assert by_messages(sandbox, "Go") == ([[]], "with tools")
    assert by_chat(sandbox, "Go")[1] == "over there"


@pytest.mark.parametrize(
    "asked",
    [
        {"turns": []},
        {"turns": "all"},
        {"turns": [{"explode": True}]},
        {"turns": [{}], "do": {}},
        {"match": {"contains": 7}, "do": {}},
    ],
    ids=str,
)
def test_a_play_that_is_not_understood_is_refused(sandbox, asked):
    with pytest.raises(ValueError, match=r"."):
        sandbox._ask("POST", "/scenarios", asked)
    assert sandbox.scenarios() == []


def test_a_script_in_the_prompt_that_is_not_understood_is_a_400(sandbox):
    with (
        openai.OpenAI(base_url=f"{sandbox.url}/v1", api_key="k", max_retries=0) as client,
        pytest.raises(openai.BadRequestError, match="sandbox scenario"),
    ):
        client.responses.create(model="gpt-6-sol", input="Go [[sandbox: {broken]]")
