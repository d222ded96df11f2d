"""A function of a program that a model wrote: called in a child process that has nothing, and what it gives back.

The child is the one that acceptance checks run code in: agents/checks/child.py and inside.py say what it may not do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from nexus.errors import NexusError

from .checks import child

WITHIN = 10.0
"""Seconds."""
LONGEST = 200_000
"""Characters of a program, and of what goes in."""
MOST_OUTPUT = 256 * 1024

_CALL = """

def _called():
    import json, sys
    given = [{function}(one) for one in json.loads({arguments})]
    sys.stdout.write("\\n" + {mark} + json.dumps(given, default=str))

_called()
"""


class ProgramFailed(NexusError):
    """The program did not do it."""

    code = "program_failed"


def check(source: str) -> None:
    """Raise ProgramFailed unless `source` is Python."""
    if len(source) > LONGEST:
        raise ProgramFailed(f"A program has at most {LONGEST} characters")
    answer = child.work("parse", within=WITHIN, text=source).answer()
    if answer is None:
        raise ProgramFailed("It could not be read in time")
    if answer["wrong"] is not None:
        raise ProgramFailed(f"It is not Python: {answer['wrong']}")


def call(source: str, function: str, argument: Any, *, within: float = WITHIN) -> Any:
    """What `function` of the program gives back for `argument`, both JSON. Raise ProgramFailed, with its last line."""
    return call_each(source, function, [argument], within=within)[0]


def call_each(source: str, function: str, arguments: Sequence[Any], *, within: float = WITHIN) -> list[Any]:
    """The same for each of several, one after the other in one child process."""
    if not function.isidentifier():
        raise ProgramFailed("A function is called by its name")
    mark = secrets.token_hex(16)
    spoken = json.dumps(json.dumps(list(arguments), ensure_ascii=True, default=str))
    asked = source + _CALL.format(function=function, arguments=spoken, mark=json.dumps(mark))
    if len(asked) > 2 * LONGEST:
        raise ProgramFailed(f"A program, and what goes in, have at most {LONGEST} characters each")
    ran = child.work("run", within=within, most=MOST_OUTPUT, text=asked)
    if ran.ended == "late":
        raise ProgramFailed(f"It took longer than {within:g} s")
    if ran.ended == "loud":
        raise ProgramFailed(f"It said more than {MOST_OUTPUT} bytes")
    _, found, said = ran.out.rpartition(mark)
    if ran.code != 0 or not found:
        raise ProgramFailed((ran.err.strip().splitlines() or [f"It ended with {ran.code}"])[-1][:500])
    try:
        given = json.loads(said)
    except ValueError:
        given = None
    if not isinstance(given, list) or len(given) != len(arguments):
        raise ProgramFailed("What it gave back is no JSON")
    return given
