"""Generated programs, run on examples before they are accepted. Each run is one call of a tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents import programs
from agents.sessions.reply import FUNCTION as PREPARE
from agents.tools.generated import FUNCTION as RUN

EXAMPLES: Mapping[str, Any] = {
    "string": "An example, with 2 numbers: 3.5 and 7.",
    "integer": 3,
    "number": 2.5,
    "boolean": True,
}
TEXTS = ("Hello, what can you do for me?", "请用一句话介绍你自己。", "  two   lines\nand 42 things  ")


def of_tool(code: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with the program of a tool; empty where it ran, with examples and with nothing."""
    return _tried(code, RUN, [{one["name"]: EXAMPLES[one["type"]] for one in parameters}, {}], dict)


def of_agent(code: str) -> str:
    """What is wrong with the program of an agent; empty where it ran on every example."""
    return _tried(code, PREPARE, TEXTS, str)


RUNS_OF_TOOL, RUNS_OF_AGENT = 2, len(TEXTS)


def _tried(code: str, function: str, arguments: Sequence[Any], kind: type) -> str:
    try:
        given = programs.call_each(code, function, arguments)
    except programs.ProgramFailed as error:
        return f"{function} failed: {error}"
    for argument, one in zip(arguments, given, strict=True):
        if not isinstance(one, kind):
            return f"{function}({argument!r}) returned {type(one).__name__}, not {kind.__name__}"
        if not one:
            return f"{function}({argument!r}) returned nothing"
    return ""
