"""What a handler is given: the task as it was claimed, its parents' outputs, and the ways to speak."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from nexus.errors import LeaseLost, Stopped, TimedOut
from nexus.events import catalog as kinds
from nexus.events import hint
from nexus.events.append import Said, append
from nexus.gates.models import Approval
from nexus.gates.rules import Decision
from nexus.settlement import settle
from nexus.tasks.claims import Claim
from nexus.tasks.models import Run, Task
from nexus.tasks.states import TaskState

SPEAKS_EVERY = 0.08
"""Seconds between two deltas on the wire: words are gathered meanwhile."""
PROGRESS_EVERY = 1.0
"""Seconds between two stored progress events of one execution."""


@dataclass
class Signals:
    """What the heartbeat learnt about one execution. Written by its thread, read by the handler's."""

    lost: bool = False
    cancelled: bool = False
    paused: bool = False
    draining: bool = False


@dataclass
class Context:
    """One execution of one task. Not shared between threads, but for its signals."""

    claim: Claim
    signals: Signals = field(default_factory=Signals)
    _deadline: float = 0.0
    _words: list[str] = field(default_factory=list)
    _said: int = 0
    _words_are_kept: bool = False
    _spoke_at: float = 0.0
    _progress_at: float = 0.0

    def __post_init__(self) -> None:
        """The clock of the timeout starts here."""
        self._deadline = time.monotonic() + self.claim.timeout

    @property
    def task_id(self) -> int:
        """The task's row."""
        return self.claim.task_id

    @property
    def run_id(self) -> int:
        """The run's row."""
        return self.claim.run_id

    @property
    def tenant(self) -> str:
        """Whose run it is; opaque to the engine."""
        return self.claim.tenant

    @property
    def subject(self) -> str:
        """What its domain knows the run by."""
        return self.claim.subject

    @property
    def key(self) -> str:
        """The task's key in its run."""
        return self.claim.key

    @property
    def type(self) -> str:
        """The task's type."""
        return self.claim.type

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self.claim.queue

    @property
    def input(self) -> dict[str, Any]:
        """What its spec gave it."""
        return self.claim.input

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self.claim.attempt

    @property
    def fence(self) -> int:
        """The number that this execution holds the task under."""
        return self.claim.fence

    def parents(self) -> dict[str, dict[str, Any]]:
        """Key -> output of the completed tasks that this one came after."""
        done = Task.objects.filter(id__in=self._parent_ids(), state=TaskState.COMPLETED)
        return dict(done.order_by("id").values_list("key", "output"))

    def outputs(self) -> dict[str, dict[str, Any]]:
        """Key -> output of every completed task of the run, oldest first."""
        done = Task.objects.of(self.run_id).filter(state=TaskState.COMPLETED)
        return dict(done.values_list("key", "output"))

    def decision(self, checkpoint: str = "") -> Decision | None:
        """What people decided last at `checkpoint` of this task; None when they have not been asked, or not yet."""
        found = Approval.objects.decided().on(self.task_id).filter(checkpoint=checkpoint).first()
        return None if found is None else found.decision()

    def check(self) -> None:
        """Raise when this execution should stop: call it before every model and tool call.

        LeaseLost: another worker may have the task. Stopped: cancelled, paused or draining; the task is
        given back or cancelled, and no attempt is spent. TimedOut: it ran past its timeout.
        """
        self.heed()
        # The run itself: a pause of a moment ago has not reached the heartbeat yet.
        asked = Run.objects.filter(pk=self.run_id).values_list("cancel_requested_at", "paused_at").first()
        if asked is None or asked[0]:
            self.obey("cancelled")
        elif asked[1]:
            self.obey("paused")

    def heed(self) -> None:
        """As `check`, by what the heartbeat has learnt: for who asks `nexus_keep` in a statement of their own."""
        if self.signals.lost:
            self.obey("lost")
        if self.signals.cancelled:
            self.obey("cancelled")
        if self.signals.paused:
            self.obey("paused")
        if self.signals.draining:
            raise Stopped("The worker is shutting down", retry_after=0)
        if time.monotonic() > self._deadline:
            raise TimedOut(f"It ran longer than {self.claim.timeout:g} s")

    def obey(self, verdict: str) -> None:
        """Raise what a verdict of `nexus_keep` says; nothing when it is none of its refusals."""
        if verdict == "lost":
            raise LeaseLost(task_id=self.task_id, fence=self.fence)
        if verdict == "cancelled":
            raise Stopped("The run is being cancelled", retry_after=0)
        if verdict == "paused":
            raise Stopped("The run is paused", retry_after=0)

    def hold(self) -> None:
        """Inside the caller's transaction: keep the task ours until it commits, or raise LeaseLost."""
        settle.hold(self.claim)

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Append an event of the domain to the run's feed, in a transaction of its own."""
        with transaction.atomic():
            append(self.run_id, Said(kind=kind, data=data, task_id=self.task_id))

    def progress(self, fraction: float, note: str = "") -> None:
        """Say how far the work is, between 0 and 1. Stored at most once a second; the end is always stored."""
        now = time.monotonic()
        if now - self._progress_at < PROGRESS_EVERY and fraction < 1:
            return
        self._progress_at = now
        self.tell(kinds.TASK_PROGRESS, {"fraction": round(min(max(fraction, 0.0), 1.0), 3), "note": note})

    def delta(self, text: str) -> None:
        """Pass on words that a model is writing. Live only: gathered for 80 ms, never stored, lost safely."""
        self._words.append(text)
        if time.monotonic() - self._spoke_at >= SPEAKS_EVERY:
            self.flush()

    def keep_words(self) -> None:
        """Let who comes in the middle of an answer hear it from its beginning: words are kept for some minutes."""
        self._words_are_kept = True

    def flush(self) -> None:
        """Send what was gathered."""
        if self._words:
            words = "".join(self._words)
            # Where in all that this execution says: a listener that missed some, or hears another one, can tell.
            hint.words_of(self.run_id, words, task=self.key, at=self._said, by=self.fence, keep=self._words_are_kept)
            self._said += len(words)
            self._words.clear()
        self._spoke_at = time.monotonic()

    def _parent_ids(self) -> list[int]:
        from nexus.tasks.models import Dependency

        return list(Dependency.objects.filter(child_id=self.task_id).values_list("parent_id", flat=True))
