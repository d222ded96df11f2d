"""One model call, ledgered: reserve, intent, sent, stream, settle, replay. The only writer of a request's state.

    A  transaction   the task is ours; the call's row; a stored answer ends it here; price; reservation; INTENT
    B  transaction   INTENT -> SENT
       send          no transaction is open
    C  transaction   not fenced: ledger line, holds closed, answer stored; only then is the answer parsed

A worker may die between any two. INTENT: nothing left, and whoever comes next lets the reservation go. SENT: it may
have been billed, and whoever comes next books an estimate and asks anew. After C: the stored answer is replayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from agents import answers, asking, backoff, charging, providers, roles, tokens
from agents.answers import Stored
from agents.asking import Question
from agents.charging import Bill
from agents.contracts import Answer, CallSummary, Fate, Trace
from agents.errors import AnswerInvalid, MissingKey, ModelRefused, ProviderError
from agents.hearing import Ear
from agents.insistence import insist
from agents.models import ModelCall, ModelRequest, Role
from agents.providers.base import Provider, ProviderAnswer, ProviderRequest
from agents.summaries import of_tasks, sandboxed
from billing import budgets, money, pricebook, reservations
from nexus import engine
from nexus.errors import NexusError
from nexus.transactions import opens_transaction

__all__ = [
    "Answer", "AnswerInvalid", "CallSummary", "MissingKey", "ModelRefused", "ProviderError", "call", "close_abandoned",
    "of_tasks", "sandboxed",
]  # fmt: skip

State = ModelRequest.State
OPEN = (State.INTENT, State.SENT)
ABANDONED_AFTER = timedelta(minutes=15)
"""Three times as long as any request may take."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A request that is reserved for and may leave."""

    row: ModelRequest
    request: ProviderRequest
    provider: Provider


def call(
    context: engine.Context,
    *,
    role: str,
    step: int,
    system: str,
    prompt: str,
    schema: dict[str, Any] | None = None,
    max_tokens: int | None = None,
) -> Answer:
    """Ask `role`; the same question of the same step is bought once, whatever happens to workers in between.

    An answer that is empty or does not fit `schema` is asked for again, at most twice, with what was wrong; then
    AnswerInvalid. Also raised: ProviderError, MissingKey, BudgetExceeded, UnknownPrice, and what `context` raises.
    """
    asked = asking.question(role=role, step=step, system=system, prompt=prompt, schema=schema, max_tokens=max_tokens)
    bought: list[Stored] = []
    for repairs_left in reversed(range(asking.REPAIRS + 1)):
        bought.append(_answered(context, asked))
        engine.crash("K11")
        last = bought[-1].body
        try:
            data = answers.read(last["text"], stop_reason=last["stop_reason"], schema=schema)
        except AnswerInvalid as invalid:
            if not repairs_left:
                raise
            asked = asking.repaired(asked, wrong=last["text"], reason=str(invalid))
        else:
            return answers.whole(bought, data)
    raise AssertionError("the last round returns or raises")


def close_abandoned(*, older_than: timedelta = ABANDONED_AFTER) -> int:
    """Close requests that nobody came back to: of cancelled runs, of buried tasks. Return how many.

    Every call does this in passing. For an installation that makes none, upkeep may.
    """
    return _close_left_behind(Q(created_at__lt=Now() - older_than))


def _answered(context: engine.Context, asked: Question) -> Stored:
    context.check()
    # Requests of an earlier execution of this task; of this one only those of the same question, since a handler may
    # ask several at once. Never those of a later execution: then it is we who are late, and A will say so.
    earlier = Q(fence__lt=context.fence) | Q(fence=context.fence, call__input_hash=asked.input_hash)
    _close_left_behind(earlier & Q(call__task_id=context.task_id) | Q(created_at__lt=Now() - ABANDONED_AFTER))
    if isinstance(found := _intend(context, asked), Stored):
        return found
    engine.crash("K8")
    try:
        context.check()
        _let_go(context, found)
    except BaseException:
        # Cancelled, paused, fenced or shut down in the last moment: nothing has left.
        _close(found.row, State.UNBILLED, None, from_states=(State.INTENT,))
        raise
    engine.crash("K9")
    return _send(context, found)


@opens_transaction
def _intend(context: engine.Context, asked: Question) -> Intent | Stored:
    """A: everything that must be true before a request may leave, or the answer that makes it needless."""
    context.hold()
    row = _row_of(context, asked)
    if row.response is not None:
        return Stored(body=row.response, replayed=True)
    role = roles.get(asked.role, model=str(context.input.get("model") or ""))
    provider = providers.connect(role.provider)
    request = _request_of(role, asked)
    now, most = timezone.now(), tokens.at_most(*request.texts())
    price, worst = pricebook.worst_case(
        role.provider, role.model, now, prompt_tokens=most, output_tokens=request.max_tokens
    )
    scopes = (("project", context.tenant), ("order", context.subject), ("role", role.name), ("day", budgets.today()))
    intent = ModelRequest.objects.create(
        id=request.id,
        call=row,
        number=(row.requests.aggregate(Max("number"))["number__max"] or 0) + 1,
        fence=context.fence,
        provider=role.provider,
        model=role.model,
        role=role.name,
        sandbox=provider.sandbox,
        price=price,
        max_cost=worst,
        max_input_tokens=most,
        max_output_tokens=request.max_tokens,
        created_at=now,
    )
    # Last, because every call of the project waits for its budget's row until this commits.
    reservations.reserve(request_id=request.id, scopes=scopes, amount=worst)
    return Intent(row=intent, request=request, provider=provider)


def _request_of(role: Role, asked: Question) -> ProviderRequest:
    """The question in the words and with the limits of its role."""
    return ProviderRequest(
        id=uuid4(),
        model=role.model,
        system="\n\n".join(part for part in (role.system_prompt, asked.system) if part),
        prompt=asked.prompt,
        max_tokens=min(asked.max_tokens or role.max_output_tokens, role.max_output_tokens),
        effort=role.effort,
        schema=asked.schema,
    )


def _row_of(context: engine.Context, asked: Question) -> ModelCall:
    """The row of this question, written when it is asked for the first time."""
    asks = {"task_id": context.task_id, "step": asked.step, "input_hash": asked.input_hash}
    about = {"run_id": context.run_id, "task_key": context.key, "project": context.tenant, "order": context.subject}
    ModelCall.objects.bulk_create([ModelCall(**asks, **about, role=asked.role)], ignore_conflicts=True)
    return ModelCall.objects.get(**asks)


@opens_transaction
def _let_go(context: engine.Context, intent: Intent) -> None:
    """B: from here on it may have left."""
    # Between A and here this execution may have been rescued, and its intent closed by the next one. Whichever of the
    # two guards we fail at, the request does not leave.
    context.hold()
    intents = ModelRequest.objects.filter(pk=intent.row.pk, state=State.INTENT)
    if not intents.update(state=State.SENT, sent_at=Now()):
        raise engine.LeaseLost(task_id=context.task_id, fence=context.fence)


def _send(context: engine.Context, intent: Intent) -> Stored:
    ear = Ear(context.delta)
    engine.hand_back()  # a thousand may wait for their answers at a time; Postgres has no connection for each
    try:
        answer = intent.provider.stream(intent.request, ear)
    except ProviderError as error:
        _close_failed(intent, error.trace, ear, error)
        if error.retry_after is None and error.disposition == "give_back":
            error.retry_after = backoff.pause(intent.row.number)
        raise
    except BaseException:
        # Told to stop in the middle of it: what has been written by then is on the bill.
        _close_failed(intent, Trace(fate=Fate.UNKNOWN), ear, None)
        raise
    engine.crash("K10")
    bill = charging.of_answer(intent.row, intent.request, answer)
    return insist(partial(_settle, intent, answer, bill))


@opens_transaction
def _settle(intent: Intent, answer: ProviderAnswer, bill: Bill) -> Stored:
    """C: the money and the answer, in one commit. Not fenced: who lost the task has still spent the money."""
    row = intent.row
    # The request's row first, as everybody who closes one: two that meet wait here, before either holds money.
    _move(row, State.SETTLED, from_states=(State.SENT, State.UNKNOWN), bill=bill, trace=answer.trace())
    amount = charging.book(row, bill)
    body = {
        "text": tokens.clean(answer.text),
        "stop_reason": answer.stop_reason,
        "model": row.model,
        "provider": row.provider,
        "role": row.role,
        "sandbox": row.sandbox,
        "input_tokens": bill.usage.prompt_tokens,
        "output_tokens": bill.usage.output_tokens,
        "cost_usd": money.text(amount),
    }
    # Two executions may have asked side by side, one of them fenced. The first answer stays: it is what is replayed.
    ModelCall.objects.filter(pk=row.call_id, response__isnull=True).update(response=body, answered_at=Now())
    return Stored(body=body, replayed=False)


def _close_failed(intent: Intent, trace: Trace, ear: Ear, error: ProviderError | None) -> None:
    bill = charging.of_failure(intent.request, trace, received=ear.text)
    state = State.UNKNOWN if trace.fate is Fate.UNKNOWN else State.UNBILLED
    insist(lambda: _close(intent.row, state, bill, from_states=(State.SENT,), trace=trace, error=error))


def _close_left_behind(which: Q) -> int:
    """Close what earlier executions left open: what never arrived costs nothing, the rest is booked by estimate."""
    left = ModelRequest.objects.filter(which, state__in=OPEN).select_related("call", "price")
    left = left.order_by("created_at", "id")
    for row in left:
        if row.state == State.INTENT:
            _close(row, State.UNBILLED, None, from_states=(State.INTENT,))
        elif _never_arrived(row):
            _close(row, State.UNBILLED, None, from_states=(State.SENT,))
        else:
            _close(row, State.UNKNOWN, charging.of_abandoned(row), from_states=(State.SENT,))
    return len(left)


def _never_arrived(row: ModelRequest) -> bool:
    """Whether the provider knows for sure that a request marked as sent never reached it.

    Its worker may have died between the mark and the first byte. Who cannot be asked may have been paid.
    """
    try:
        provider = providers.connect(row.provider)
    except NexusError:
        return False
    return provider.sandbox == row.sandbox and provider.received(row.pk) is False


@opens_transaction
def _close(
    row: ModelRequest,
    state: State,
    bill: Bill | None,
    *,
    from_states: tuple[State, ...],
    trace: Trace | None = None,
    error: ProviderError | None = None,
) -> None:
    # Its own worker, the next execution and upkeep may all come to close it. The state's UPDATE lets one of them
    # through; the others find it closed and leave money and holds alone.
    if not _move(row, state, from_states=from_states, bill=bill, trace=trace, error=error):
        return
    if bill is None:
        reservations.release(request_id=row.pk)
    else:
        charging.book(row, bill)


def _move(
    row: ModelRequest,
    state: State,
    *,
    from_states: tuple[State, ...],
    bill: Bill | None,
    trace: Trace | None,
    error: ProviderError | None = None,
) -> bool:
    known = trace or Trace()
    return bool(
        ModelRequest.objects.filter(pk=row.pk, state__in=from_states).update(
            state=state,
            closed_at=Now(),
            usage=None if bill is None else bill.stored(),
            http_status=known.http_status,
            provider_request_id=known.provider_request_id,
            error=None if error is None else {"code": error.code, "message": tokens.clean(str(error))},
        )
    )
