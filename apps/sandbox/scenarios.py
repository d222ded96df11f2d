"""Which script applies to which request, and how often.

A script comes with one request, in its `x-scenario` header; or in the words of a prompt, as `[[sandbox: {…}]]`; or it
lies in the queue until requests match it. The queue is served in order: the first scenario that matches a request
applies to it and is spent by one. With `turns` a scenario plays a whole conversation: which turn it is, the request
itself shows, so that a turn which is asked again is answered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.sandbox import conversation
from apps.sandbox.conversation import MAGIC, Said
from apps.sandbox.script import BadScenario, Script, script

MATCH_KEYS = {"path", "provider", "model", "request_id", "streamed", "contains", "tool", "nth"}
KEYS = {"match", "times", "do", "turns"}
IN_PROMPT = "prompt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a scenario may look at in a request."""

    path: str
    provider: str
    asks_a_model: bool
    model: str | None
    prompt: str
    said: tuple[Said, ...]
    tools: frozenset[str]
    request_id: str | None
    streamed: bool


@dataclass(kw_only=True, slots=True)
class Scenario:
    """One entry of the queue. `left` is None where it applies without end."""

    id: str
    match: dict[str, Any]
    left: int | None
    do: dict[str, Any]
    scripts: tuple[Script, ...]
    """One, or one for each turn."""
    plays: bool = False
    """Whether these are turns of a conversation."""
    turns: list[dict[str, Any]] | None = None
    seen: int = 0
    applied: int = 0

    def fits(self, subject: Subject) -> bool:
        """Whether the request is of the kind that is meant (`nth` aside)."""
        wanted = self.match
        return (
            (wanted["path"] == subject.path if "path" in wanted else subject.asks_a_model)
            and wanted.get("provider", subject.provider) == subject.provider
            and wanted.get("model", subject.model) == subject.model
            and wanted.get("request_id", subject.request_id) == subject.request_id
            and wanted.get("streamed", subject.streamed) == subject.streamed
            and ("tool" not in wanted or wanted["tool"] in subject.tools)
            and all(mark in subject.prompt for mark in self.marks)
            and self.turn(subject) < len(self.scripts)
        )

    @property
    def marks(self) -> list[str]:
        """The texts that a prompt must contain."""
        wanted = self.match.get("contains", [])
        return [wanted] if isinstance(wanted, str) else wanted

    def turn(self, subject: Subject) -> int:
        """Which turn of the play this request asks for."""
        if not self.plays:
            return 0
        # What a prompt says about itself stays in the conversation: its turns are counted from there.
        return conversation.turns_since(subject.said, self.marks if self.id != IN_PROMPT else [MAGIC])

    def shown(self) -> dict[str, Any]:
        """The scenario as the control side shows it."""
        played = {"turns": self.turns} if self.plays else {"do": self.do}
        counted = {"seen": self.seen, "applied": self.applied}
        return {"id": self.id, "match": self.match, "left": self.left, **played, **counted}


class Queue:
    """The scenarios that wait for their requests, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Scenario] = []
        self._made = 0

    def add(self, asked: object) -> Scenario:
        """Queue `{"match": {…}, "times": n, "do": {…}}`, or with `turns`; `times` null means for ever."""
        scenario = _read(asked, id=f"s{self._made + 1}")
        self._made += 1
        self._waiting.append(scenario)
        return scenario

    def take(self, subject: Subject) -> tuple[str, Script] | None:
        """The scenario for this request, by its id, spent by one; or None."""
        for scenario in self._waiting:
            if not scenario.fits(subject):
                continue
            scenario.seen += 1
            if scenario.seen < int(scenario.match.get("nth", 1)):
                continue
            return scenario.id, self._spend(scenario, subject)
        return None

    def _spend(self, scenario: Scenario, subject: Subject) -> Script:
        turn = scenario.turn(subject)
        scenario.applied += 1
        # A play is spent by its last turn: those before it belong to the same conversation.
        if scenario.left is not None and turn == len(scenario.scripts) - 1:
            scenario.left -= 1
            if scenario.left == 0:
                self._waiting.remove(scenario)
        return scenario.scripts[turn]

    def shown(self) -> list[dict[str, Any]]:
        """Those that still wait."""
        return [scenario.shown() for scenario in self._waiting]

    def clear(self, scenario_id: str | None = None) -> int:
        """Forget one scenario, or all; return how many."""
        before = len(self._waiting)
        self._waiting = [s for s in self._waiting if scenario_id is not None and s.id != scenario_id]
        return before - len(self._waiting)


def spoken(subject: Subject) -> Script | None:
    """The script in the last words of the user that have one: `[[sandbox: {…}]]`, a `do` or a whole scenario."""
    for one in reversed(subject.said):
        if one.side != "user" or MAGIC not in one.text:
            continue
        try:
            _, asked, _ = conversation.split(one.text)
        except ValueError as error:
            raise BadScenario(f"{MAGIC} …]]: {error}") from error
        whole = dict(asked) if isinstance(asked, dict) and set(asked) & KEYS else {"do": asked}
        if "do" in whole and "turns" not in whole:
            # Said once, meant once: what the user says next is not meant by it.
            whole["turns"] = [whole.pop("do")]
        scenario = _read(whole, id=IN_PROMPT)
        return scenario.scripts[scenario.turn(subject)] if scenario.fits(subject) else None
    return None


def _read(asked: object, *, id: str) -> Scenario:
    if not isinstance(asked, dict) or not set(asked) <= KEYS or {"do", "turns"} <= set(asked):
        raise BadScenario("a scenario is an object of `match`, `times` and either `do` or `turns`")
    match, plays = asked.get("match") or {}, "turns" in asked
    times = asked.get("times", None if plays else 1)
    if not isinstance(match, dict) or not set(match) <= MATCH_KEYS:
        raise BadScenario(f"`match` is an object of {', '.join(sorted(MATCH_KEYS))}")
    if not _is_text_or_texts(match.get("contains", "")):
        raise BadScenario("`contains` is a text, or a list of texts that are all contained")
    if times is not None and (not isinstance(times, int) or times < 1):
        raise BadScenario("`times` is 1 or more, or null")
    turns = asked.get("turns")
    if plays and (not isinstance(turns, list) or not turns):
        raise BadScenario("`turns` is a list of what to `do`, one for each turn of the assistant")
    do = asked.get("do", {})
    scripts = tuple(script(one) for one in (turns if isinstance(turns, list) else [do]))
    return Scenario(id=id, match=match, left=times, do=do, scripts=scripts, plays=plays, turns=turns)


def _is_text_or_texts(value: object) -> bool:
    parts: Sequence[object] = value if isinstance(value, list) else [value]
    return all(isinstance(part, str) for part in parts)
