"""From an ask to an answer: text, structured output, tool calls. Pure: the same ask, the same answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from apps.sandbox import hints, schema, seals, tokens
from apps.sandbox.ask import Ask
from apps.sandbox.files import told
from apps.sandbox.prose import language, prompt, request, write
from apps.sandbox.prose.phrasebook import Phrasebook
from apps.sandbox.script import Script

THINKING = {
    "en": "The request is about {subject}. I will take its own words, look up what is known, and write it in order.",
    "zh": "需求是关于{subject}的。先取其中的说法，再查已知的要点，然后按顺序写出。",
}
CALL = "toolu_sandbox_"
REFUSAL = {
    "en": "I can't help with that. (This refusal was scripted.)",
    "zh": "这个请求我无法协助。（这是按脚本给出的拒绝。）",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is said, why it stopped there, and what it cost."""

    content: list[dict[str, Any]]
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    stop_details: dict[str, Any] | None = None
    output_tokens: int = 0
    thinking_tokens: int = 0
    kind: str = "chat"
    """The kind of work that was asked for."""


def answer(ask: Ask, script: Script) -> Answer:
    """What the sandbox says to `ask`. Raise schema.Unsatisfiable when it knows no instance of the schema."""
    read = _read(ask)
    spoken = language.of(read.about)
    thinking = _thinking(ask, read, spoken) if script.thinking is None else _scripted_thoughts(script.thinking)
    said = _scripted(ask, script, spoken) or _own(ask, read, spoken)
    said = _stopped(said, ask)
    content = [*thinking, *(_after_thought(block) if thinking else block for block in said.content)]
    thought = sum(tokens.count(str(block.get("thinking", ""))) for block in thinking)
    made = replace(said, content=content, output_tokens=_cost(content), thinking_tokens=thought, kind=read.kind)
    if script.stop_reason is not None:
        made = replace(made, stop_reason=script.stop_reason)
    return made


def _read(ask: Ask) -> prompt.Prompt:
    shape = write.kind_by_shape(ask.schema) if ask.schema else None
    return prompt.read(ask.text or ask.system, kind=shape)


def _own(ask: Ask, read: prompt.Prompt, spoken: language.Language) -> Answer:
    """The sandbox's own answer."""
    calls = _calls(ask, read, spoken)
    if calls:
        return Answer(content=calls, stop_reason="tool_use")
    if ask.schema is not None:
        words = Phrasebook(read, spoken)
        offered = write.data(read, spoken)
        proposal = schema.NOTHING if offered is None else offered
        made = schema.instance(hints.heeded(ask.schema), words=words, proposal=proposal)
        return Answer(content=[_text(json.dumps(made, ensure_ascii=False))])
    body = _after_tools(ask, spoken) if ask.tool_results else write.text(read, spoken)
    return Answer(content=[_text(told.told(ask.files, spoken) + language.signed(body, spoken))])


def _scripted(ask: Ask, script: Script, spoken: language.Language) -> Answer | None:
    """The answer that a scenario puts into the sandbox's mouth."""
    if script.refuse:
        details = {"type": "refusal", "category": "general_harms", "explanation": "Scripted refusal."}
        return Answer(content=[_text(REFUSAL[spoken])], stop_reason="refusal", stop_details=details)
    if script.content is not None:
        return Answer(content=script.content)
    if script.tool_calls is not None:
        calls = [_scripted_call(ask, call, number) for number, call in enumerate(script.tool_calls)]
        opening = [] if script.text is None else [_text(script.text)]
        return Answer(content=[*opening, *calls], stop_reason="tool_use")
    if script.text is not None:
        return Answer(content=[_text(script.text)])
    if script.data is not None:
        return Answer(content=[_text(json.dumps(script.data, ensure_ascii=False))])
    return None


def _calls(ask: Ask, read: prompt.Prompt, spoken: language.Language) -> list[dict[str, Any]]:
    """Tool calls: those that are demanded, or the one tool that the request names, once."""
    if not ask.tools or ask.tool_choice == "none":
        return []
    if ask.tool_choice == "tool":
        wanted = [tool for tool in ask.tools if tool["name"] == ask.tool_name]
    elif ask.tool_results:
        wanted = []
    else:
        named = [tool for tool in ask.tools if _speaks_of(ask.text, tool["name"])]
        wanted = named or (list(ask.tools[:1]) if ask.tool_choice == "any" else [])
    if ask.one_tool_at_a_time:
        wanted = wanted[:1]
    words = Phrasebook(read, spoken)
    return [
        _call(ask, tool["name"], schema.instance(tool["input_schema"], words=words), number)
        for number, tool in enumerate(wanted)
    ]


def _speaks_of(text: str, name: str) -> bool:
    low = text.lower()
    return name.lower() in low or name.lower().replace("_", " ") in low


def _call(ask: Ask, name: str, given: dict[str, Any], number: int) -> dict[str, Any]:
    seed = f"{ask.system}\0{ask.text}\0{ask.calls_made}\0{name}\0{number}"
    return {"type": "tool_use", "id": f"{CALL}{_digest(seed)[:16]}", "name": name, "input": given}


def _scripted_call(ask: Ask, call: dict[str, Any], number: int) -> dict[str, Any]:
    made = _call(ask, call["name"], call.get("input", {}), number)
    named = {"id": call["id"]} if "id" in call else {}
    return made | named | ({"raw": call["raw"]} if "raw" in call else {})


def _after_tools(ask: Ask, spoken: language.Language) -> str:
    """What the tools have answered, told in the order of the calls."""
    opening = {"en": "This is what the tools gave for “{}”:", "zh": "针对“{}”，工具返回如下："}[spoken]
    failed = {"en": " (failed)", "zh": "（失败）"}[spoken]
    lines = [opening.format(request.quoted(ask.text)), ""]
    for result in ask.tool_results:
        mark = failed if result.is_error else ""
        lines.append(f"- **{result.name}**{mark}: {request.quoted(result.text, longest=300)}")
    return "\n".join(lines)


def _thinking(ask: Ask, read: prompt.Prompt, spoken: language.Language) -> list[dict[str, Any]]:
    if not ask.thinks:
        return []
    thought = THINKING[spoken].format(subject=request.subject(read.about)) if ask.shows_thinking else ""
    return [{"type": "thinking", "thinking": thought, "signature": seals.seal(thought)}]


def _scripted_thoughts(thoughts: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"type": "redacted_thinking", "data": seals.hide(one["redacted"])}
        if "redacted" in one
        else {"type": "thinking", "thinking": one["text"], "signature": seals.seal(one["text"])}
        for one in thoughts
    ]


def _stopped(said: Answer, ask: Ask) -> Answer:
    """The answer cut where a stop sequence or the token limit ends it. Tool calls are never cut."""
    if len(said.content) != 1 or said.content[0].get("type") != "text":
        return said
    text = said.content[0]["text"]
    places = [(text.find(stop), stop) for stop in ask.stop_sequences if stop in text]
    at, stop = min(places) if places else (len(text), None)
    short = tokens.prefix(text[:at], ask.max_tokens)
    if len(short) < len(text[:at]):
        return replace(said, content=[_text(short)] if short else [], stop_reason="max_tokens")
    if stop is not None:
        return replace(said, content=[_text(text[:at])], stop_reason="stop_sequence", stop_sequence=stop)
    return said


def _cost(content: list[dict[str, Any]]) -> int:
    total = 1
    for block in content:
        match block.get("type"):
            case "text":
                total += tokens.count(block.get("text", ""))
            case "thinking":
                total += tokens.count(block.get("thinking", ""))
            case _:
                total += tokens.count(json.dumps(block, ensure_ascii=False))
    return total


def _after_thought(block: dict[str, Any]) -> dict[str, Any]:
    """A call that was made after a thought says so in its id: the thought has to come back with its result."""
    name = str(block.get("id", ""))
    thoughtless = block["type"] == "tool_use" and name.startswith(CALL) and not name.startswith(f"{CALL}t")
    return {**block, "id": f"{CALL}t{name.removeprefix(CALL)[1:]}"} if thoughtless else block


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "citations": None}


def _digest(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()
