"""One model call, ledgered: reserve, intent, sent, stream, settle, replay.

       look          a stored answer ends it here; what earlier executions left open is closed; role and prices
    A  transaction   the task is ours; the call's row; INTENT; reservation
    B  transaction   the task is ours; INTENT -> SENT
       send          no transaction is open
    C  transaction   not fenced: ledger line, holds closed, answer stored; only then is the answer parsed

Each is one statement, see statements.py. A worker may die between any two. INTENT: nothing left, and whoever comes next
lets the reservation go. SENT: it may have been billed, and whoever comes next books an estimate and asks anew. After C:
the stored answer is replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from agents import answers, asking, backoff, charging, limits, providers, requests, roles, router, statements, stepping
from agents.answers import Stored
from agents.asking import Question
from agents.contracts import Answer, CallSummary, Fate, Trace
from agents.errors import AnswerInvalid, MissingKey, ModelRefused, ProviderError
from agents.hearing import Ear, most_bytes
from agents.insistence import insist
from agents.limits import Slot
from agents.models import ModelCall, ModelRequest, Role
from agents.providers import endpoints, sizes
from agents.providers.base import Provider, ProviderRequest
from agents.providers.messages import Block, Sound, ToolOffer, Turn, words
from agents.router import Link
from agents.statements import Book, Seen
from agents.summaries import of_tasks, sandboxed
from billing import alarms, budgets, pricebook, reservations
from billing.models import Price
from nexus import engine
from nexus.errors import NexusError

__all__ = [
    "Answer", "AnswerInvalid", "CallSummary", "MissingKey", "ModelRefused", "ProviderError", "call", "close_abandoned",
    "hear", "of_tasks", "sandboxed",
]  # fmt: skip

State = ModelRequest.State
ABANDONED_AFTER = timedelta(minutes=15)  # three times as long as any request may take


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A request that is reserved for and may leave."""

    row: ModelRequest
    request: ProviderRequest
    provider: Provider
    listed: Sequence[Price] | None
    """The provider's prices when it was reserved for, where they were read."""
    budgets: list[reservations.Standing]
    """As its reservation left them."""
    aloud: bool


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a role works on this question."""

    role: Role
    stepped_from: str
    """The model it would ask, were a budget not nearly used."""
    book: Book


def call(
    context: engine.Context,
    *,
    role: str,
    step: int,
    system: str,
    prompt: str | None = None,
    turns: Sequence[Turn] | None = None,
    tools: Sequence[ToolOffer] = (),
    tool_choice: str = "",
    schema: dict[str, Any] | None = None,
    max_tokens: int | None = None,
    aloud: bool = True,
    repairs: int = asking.REPAIRS,
) -> Answer:
    """Ask `role`; the same question of the same step is bought once, whatever happens to workers in between.

    The question is a `prompt`, or the `turns` of a conversation, which `tools` may be part of: the answer's blocks then
    say which are to be run; `tool_choice` is `required`, or names the one. What is not `aloud` nobody hears while it is
    written. One that is empty or does not fit `schema` is asked for again, `repairs` times; then AnswerInvalid. Also
    raised: ModelRefused, ProviderError, MissingKey, BudgetExceeded, CallTooDear, UnknownPrice, and what `context`
    raises.
    """
    asked = asking.question(
        role=role, step=step, system=system, prompt=prompt, turns=turns, tools=tools, tool_choice=tool_choice,
        schema=schema, max_tokens=max_tokens, aloud=aloud,
    )  # fmt: skip
    bought: list[Stored] = []
    for repairs_left in reversed(range(repairs + 1)):
        blocks = _whole_turn(context, asked, bought)
        last = bought[-1].body
        try:
            data = answers.read(
                blocks, stop_reason=last["stop_reason"], stop_detail=last.get("stop_detail", ""), schema=schema,
                with_tools=bool(tools),
            )  # fmt: skip
        except AnswerInvalid as invalid:
            if not repairs_left:
                invalid.facts["said"] = words(blocks)
                raise
            asked = asking.repaired(asked, wrong=words(blocks), reason=str(invalid))
        else:
            return answers.whole(bought, blocks, data)
    raise AssertionError("the last round returns or raises")


def hear(context: engine.Context, *, step: int, sound: Sound, role: str = "listener") -> Answer:
    """What is said in a recording: silence is an empty text, and no reason to ask again. Bought once, as by `call`."""
    turn = Turn(speaker="user", blocks=(sound,))
    heard = _answered(context, asking.question(role=role, step=step, system="", turns=(turn,), aloud=False))
    return answers.whole(heard, heard[-1].blocks, None)


def _whole_turn(context: engine.Context, asked: Question, bought: list[Stored]) -> tuple[Block, ...]:
    """What the model says until its turn is over: one that pauses is asked to go on. Adds to `bought`."""
    blocks: tuple[Block, ...] = ()
    for _ in range(1 + asking.PAUSES):
        bought += _answered(context, asking.continued(asked, blocks) if blocks else asked)
        engine.crash("K11")
        blocks += bought[-1].blocks
        if not bought[-1].is_paused:
            break
    return blocks


def close_abandoned(*, older_than: timedelta = ABANDONED_AFTER) -> int:
    """Close requests that nobody came back to: of cancelled runs, of buried tasks. Return how many.

    A call closes those of its own task before it asks.
    """
    return requests.close_left_behind(Q(created_at__lt=Now() - older_than))


def _answered(context: engine.Context, asked: Question) -> list[Stored]:
    """The answer, behind the refusals of those who were asked before; or the stored one."""
    context.heed()
    seen = statements.look(
        context, step=asked.step, input_hash=asked.input_hash, role=asked.role, scopes=_scopes(context, asked)
    )
    if seen.has_left:
        earlier = Q(fence__lt=context.fence) | Q(fence=context.fence, call__input_hash=asked.input_hash)
        requests.close_left_behind(earlier & Q(call__task_id=context.task_id))
    if seen.response is not None:
        return [Stored(body=seen.response, replayed=True)]
    ways, chain = _ways(context, asked, seen)
    declined = requests.declined(context.task_id, asked.step, asked.input_hash) if len(chain) > 1 else set()
    answered: list[Stored] = []
    passed: list[NexusError] = []
    for place, link in enumerate(chain):
        is_last = place == len(chain) - 1
        if link in declined and not is_last:
            continue
        try:
            answered.append(_asked_of(context, asked, ways, link, is_last=is_last))
        except router.PASS_ON as refusal:
            passed.append(refusal)
        else:
            if is_last or not answered[-1].is_refusal:
                return answered
    if answered:
        return answered
    raise router.soonest(passed)


def _ways(context: engine.Context, asked: Question, seen: Seen) -> tuple[Ways, tuple[Link, ...]]:
    """How the role works on this question, and whom it asks, in order."""
    # Who drove the task again with another model meant the one that writes, not the one that listens.
    chosen = "" if asked.listens else str(context.input.get("model") or "")
    role, stepped = roles.given(seen.role, asked.role, project=context.tenant), None
    if not chosen:
        role, stepped = stepping.for_budgets(role, seen.lower, seen.taken)
    chain = router.links(role, model=chosen, providers=tuple(endpoints.known()))
    return Ways(role=role, stepped_from=stepped.model if stepped else "", book=seen.book), chain


def _asked_of(context: engine.Context, asked: Question, ways: Ways, link: Link, *, is_last: bool) -> Stored:
    """One try at one model, with a slot, a reservation and a ledger line of its own."""
    provider = providers.connect(link.provider)
    request = asked.request(
        id=uuid4(),
        model=link.model,
        system_prompt=ways.role.system_prompt,
        effort=ways.role.effort,
        max_output_tokens=ways.role.max_output_tokens,
    )
    weight = sizes.likely(request) + request.max_tokens
    with limits.slot(
        address=provider.address, provider=link.provider, model=link.model, request_id=request.id, tokens=weight
    ) as slot:
        found = _intend(context, asked, ways, request, provider)
        if isinstance(found, Stored):
            return found
        engine.crash("K8")
        try:
            alarms.warn(found.budgets, by=context)
            stepping.tell(context, found.row)
            context.heed()
            _let_go(context, found)
        except BaseException:
            # Cancelled, paused, fenced or shut down in the last moment: nothing has left.
            requests.close(found.row, State.UNBILLED, None, from_states=(State.INTENT,))
            raise
        engine.crash("K9")
        stored = _send(context, found, slot, is_last=is_last)
        alarms.look_ahead(found.budgets, cost=stored.cost, by=context)
        return stored


def _intend(
    context: engine.Context, asked: Question, ways: Ways, request: ProviderRequest, provider: Provider
) -> Intent | Stored:
    """A: everything that must be true before a request may leave, or the answer that makes it needless."""
    now, most, heard = timezone.now(), sizes.at_most(request, provider.sizes), sizes.heard_ms(request)
    listed = ways.book.prices_of(provider.name)
    price, worst = pricebook.worst_case(
        provider.name, request.model, now, prompt_tokens=most, output_tokens=request.max_tokens, heard_ms=heard,
        writes_cache=request.goes_on or (provider.sizes.caches_by_itself and request.sound is None), of=listed,
    )  # fmt: skip
    pricebook.check(provider.name, request.model, worst=worst)
    row = ModelRequest(
        id=request.id, fence=context.fence, provider=provider.name, model=request.model, role=asked.role,
        stepped_from=ways.stepped_from, sandbox=provider.sandbox, price=price, max_cost=worst, max_input_tokens=most,
        max_output_tokens=request.max_tokens, max_heard_ms=heard, created_at=now,
    )  # fmt: skip
    found = statements.intend(context, _call_of(context, asked), row, scopes=_scopes(context, asked), amount=worst)
    if isinstance(found, Stored):
        return found
    return Intent(row=row, request=request, provider=provider, listed=listed, budgets=found, aloud=asked.aloud)


def _scopes(context: engine.Context, asked: Question) -> tuple[budgets.Scope, ...]:
    return ("project", context.tenant), ("order", context.subject), ("role", asked.role), ("day", budgets.today())


def _call_of(context: engine.Context, asked: Question) -> ModelCall:
    """The row of this question, as it is written when it is asked for the first time."""
    asks = {"task_id": context.task_id, "step": asked.step, "input_hash": asked.input_hash}
    about = {"run_id": context.run_id, "task_key": context.key, "project": context.tenant, "order": context.subject}
    return ModelCall(**asks, **about, role=asked.role)


def _let_go(context: engine.Context, intent: Intent) -> None:
    """B: from here on it may have left."""
    statements.let_go(context, intent.row.pk)


def _send(context: engine.Context, intent: Intent, slot: Slot, *, is_last: bool) -> Stored:
    tell: Callable[[str], object] = context.delta if intent.aloud else len  # what is not said aloud is told nobody
    ear = Ear(tell, most=most_bytes(intent.request.max_tokens))
    engine.hand_back()  # a thousand may wait for their answers at a time; Postgres has no connection for each
    try:
        answer = intent.provider.stream(intent.request, ear)
    except ProviderError as failed:
        error = ear.reason(failed)
        slot.failed(error)
        _close_failed(intent, error.trace, ear, error)
        if error.retry_after is None and error.disposition == "give_back":
            error.retry_after = backoff.pause(intent.row.number)
        raise error from None
    except BaseException:
        # Told to stop in the middle of it: what has been written by then is on the bill.
        _close_failed(intent, Trace(fate=Fate.UNKNOWN), ear, None)
        raise
    slot.worked()
    engine.crash("K10")
    bill = charging.of_answer(intent.row, intent.request, answer)
    # A refusal is an answer only where nobody else is left to be asked.
    final = is_last or answer.stop_reason != answers.REFUSAL
    return insist(partial(requests.settle, intent.row, answer, bill, of=intent.listed, final=final))


def _close_failed(intent: Intent, trace: Trace, ear: Ear, error: ProviderError | None) -> None:
    bill = charging.of_failure(intent.row, intent.request, trace, received=ear.text)
    state = State.UNKNOWN if trace.fate is Fate.UNKNOWN else State.UNBILLED
    insist(lambda: requests.close(intent.row, state, bill, from_states=(State.SENT,), trace=trace, error=error))
