"""What was said long ago becomes a summary, by a model, once for each stretch of messages."""

from __future__ import annotations

from collections.abc import Sequence

from agents import calls, prompts
from agents.contracts import Answer
from agents.sessions.context import SUMMARY_AT_MOST, Said, excerpt
from agents.sessions.models import Session
from nexus import engine
from nexus.transactions import opens_transaction

STEP = 100
EACH_AT_MOST = 2_000
SYSTEM = (
    "Sum up a conversation for whoever goes on with it: names, numbers, decisions, wishes, open questions. "
    "Plain sentences, in the language of the conversation, under 500 words. Nothing that was not said."
)


def summarise(context: engine.Context, session: Session, older: Sequence[Said]) -> Answer:
    """Bring the session's summary up to the last of `older`, which then need not be told any more."""
    lines = [f"{one.role}: {excerpt(one.text, EACH_AT_MOST)}" for one in older if one.text.strip()]
    before = {"Summary so far": session.summary} if session.summary else {}
    prompt = prompts.compose(
        "chat",
        instruction="Sum up what was said, together with the summary so far where there is one.",
        inputs={**before, "What was said since": "\n\n".join(lines)},
    )
    answer = calls.call(
        context, role=session.role, step=STEP, system=SYSTEM, prompt=prompt, max_tokens=1_500, aloud=False
    )
    _store(context, session, answer.text.strip()[:SUMMARY_AT_MOST], to=older[-1].place)
    return answer


@opens_transaction
def _store(context: engine.Context, session: Session, summary: str, *, to: int) -> None:
    context.hold()
    Session.objects.filter(pk=session.pk, summary_to__lt=to).update(summary=summary, summary_to=to)
    session.summary, session.summary_to = summary, to
