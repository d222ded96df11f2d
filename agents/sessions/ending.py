"""Whose turn it is: taken when nobody has it, given on when it ends. Every change holds the session's row."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F
from django.db.models.functions import Now

from agents.contracts import Answer
from agents.sessions import ulid
from agents.sessions.models import Message, Session
from nexus import engine
from nexus.transactions import requires_transaction

TURN = "session.turn"
Status = Message.Status


Follower = Callable[[Message, Message | None], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> Follower:
    """Have it called for every message whose turn ends, with the answer, where there is one: in that transaction."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


@requires_transaction
def take_turn(session: Session, message: Message) -> None:
    """Let `message` be answered: a run of one task, written with the caller's words."""
    spec = engine.TaskSpec(
        key="turn",
        type=TURN,
        input={"role": session.role, "session": session.public_id, "message": message.public_id},
        title="Answer in a conversation",
    )
    # A turn that cannot be answered ends, and the next message has its own.
    run = engine.submit(tenant=session.project, subject=session.public_id, tasks=(spec,), on_failure="fail")
    taken = Session.objects.filter(pk=session.pk, turn="").update(turn=message.public_id)
    if not taken:
        raise engine.IllegalMove("Another message has the turn")  # its run is rolled back with the caller
    Message.objects.filter(pk=message.pk).update(status=Status.WORKING, run_id=run.pk)
    session.turn, message.status, message.run_id = message.public_id, Status.WORKING, run.pk


@requires_transaction
def store(message: Message, answer: Answer, *, metadata: dict[str, object], blocks: list[dict[str, object]]) -> bool:
    """Keep the answer and let the next message have its turn. False, and nothing kept, when the turn is over."""
    session = Session.objects.select_for_update(no_key=True).get(pk=message.session_id)
    ended = session.turn == message.public_id
    if not ended:
        return False
    said = Message(
        public_id=ulid.after(session.last_id), session=session, role="assistant", content=answer.text,
        blocks=blocks, metadata=metadata, answers=message,
    )  # fmt: skip
    said.save(force_insert=True)
    Session.objects.filter(pk=session.pk).update(
        message_count=F("message_count") + 1, last_id=said.public_id, last_active_at=Now()
    )
    _tell(message, said)
    _give_on(session, message, Status.ANSWERED)
    return True


@requires_transaction
def release_if_over(session: Session) -> bool:
    """Give the turn on when its run has ended without an answer: it died, or a person cancelled it."""
    if not session.turn:
        return False
    message = session.messages.filter(public_id=session.turn).first()
    if message is None or message.run_id is None:
        return False
    state = engine.runs.filter(pk=message.run_id).values_list("state", flat=True).first()
    if state == engine.RunState.OPEN:
        return False
    cancelled = state == engine.RunState.CANCELLED
    if not cancelled:
        _tell(message, None)
    _give_on(session, message, Status.INTERRUPTED if cancelled else Status.FAILED)
    return True


def _tell(message: Message, answer: Message | None) -> None:
    for follower in _followers:
        follower(message, answer)


def _give_on(session: Session, message: Message, status: str) -> None:
    Message.objects.filter(pk=message.pk, status=Status.WORKING).update(status=status)
    Session.objects.filter(pk=session.pk, turn=message.public_id).update(turn="")
    session.turn = ""
    waiting = session.messages.filter(status=Status.QUEUED).order_by("id").first()
    if waiting is not None and session.status == Session.Status.ACTIVE:
        take_turn(session, waiting)
