"""One conversation of a task, turn by turn, from where the last worker left it to its end.

    ask     calls.call: reserved, sent, stored; a stored answer is replayed
    keep    the turn is committed: the feed says agent.turn
    do      the tools that it asks for, in order, each through the effect ledger
    keep    what the model is told of them is committed

A worker may die between any two. Before `keep`, the next one buys nothing and does nothing twice: the answer is the
call's, the results are the effects'. After it, the conversation is read as it stands here.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from agents import calls
from agents.contracts import Answer
from agents.errors import GivesWay
from agents.providers import messages
from agents.providers.messages import Turn
from nexus import engine

from . import asking, doing
from .limits import Limits
from .talk import BREAK, Conversation, begun, is_cut

CONTINUES = 2
"""How often a model that was cut off at its limit of tokens is asked to go on."""
GO_ON = "You were cut off at your limit of tokens. Go on exactly where you stopped, without repeating anything."
SHARE = 0.5
"""Of a task's timeout that one execution converses for, before it gives way to others and goes on later."""


def converse(
    context: engine.Context,
    *,
    role: str,
    system: str,
    prompt: str | None = None,
    turns: Sequence[Turn] | None = None,
    tools: Collection[str] = (),
    step: int = 1,
    max_tokens: int | None = None,
) -> Answer:
    """Let `role` work with `tools` until it has answered; return its last words, with what all of it took.

    Called again after a crash, a pause or a decision, it goes on where it was. `tools` are names, or beginnings of
    names with a star; those that the role may not use are not offered. Each turn of the model is a step: what else the
    task asks needs steps of its own. Raise PeopleAsked where people decide first: about a tool, or about an agent that
    went too far or in circles; GivesWay for the others' sake; and what calls.call and tools.use raise.
    """
    if (prompt is None) == (turns is None):
        raise TypeError("a conversation begins with a prompt, or with turns")
    opening = (messages.said(prompt),) if prompt is not None else tuple(turns or ())
    most, until = asking.limits_of(context, role), time.monotonic() + SHARE * context.claim.timeout
    talk = begun(context, role=role, step=step, system=system, opening=opening, only=frozenset(tools))
    bought = False
    while not _is_over(talk):
        if doing.asked_for(talk):
            _do(talk, most)
        else:
            asking.check(talk, most)
            bought |= not _ask(talk, most, max_tokens).replayed
        engine.crash("K19")
        if time.monotonic() > until and not _is_over(talk):
            raise GivesWay(retry_after=0)
    return talk.answer(replayed=not bought)


def _is_over(talk: Conversation) -> bool:
    """Whether the model has said its last word."""
    last = talk.last
    if last is None or last.speaker == "user" or doing.asked_for(talk):
        return False
    return not (is_cut(last) and len(talk.pieces()) <= CONTINUES)


def _ask(talk: Conversation, most: Limits, max_tokens: int | None) -> Answer:
    if talk.said()[-1].speaker == "assistant":
        talk.keep_words(GO_ON)
    elif talk.words():
        talk.context.delta(BREAK)  # for who hears it: what was said before the tools stands apart
    began = time.monotonic()
    answer = calls.call(
        talk.context, role=talk.row.role, step=talk.step + 1, system=talk.row.system, turns=talk.said(),
        tools=talk.offers, max_tokens=max_tokens,
    )  # fmt: skip
    talk.context.flush()
    talk.keep_answer(answer, seconds=time.monotonic() - began, at_most=most.turns)
    return answer


def _do(talk: Conversation, most: Limits) -> None:
    began = time.monotonic()
    told = list(doing.results(talk, most))
    talk.keep_results(told, refused=doing.refused(talk, told), seconds=time.monotonic() - began)
