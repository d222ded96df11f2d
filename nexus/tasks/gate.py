"""On what terms a person decides: who, how many, until when, and what becomes of a no. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, Self, get_args

Word = Literal["approve", "edit_and_approve", "revise", "reject", "respond"]
"""What a person may say."""
OnTimeout = Literal["stay", "approve", "reject"]
OnReject = Literal["end_run", "end_task", "run_again"]
WORDS: tuple[Word, ...] = get_args(Word)
BEFORE_THE_WORK: tuple[Word, ...] = ("approve", "edit_and_approve", "reject", "respond")
"""What may be said to a task that has not run: there is nothing to revise yet."""
SHUT = datetime(9999, 1, 1, tzinfo=UTC)
"""A time that does not come: it keeps a task PENDING until its gate is opened, whatever its parents do."""
LONGEST_MESSAGE = 4_000
LONGEST_WAIT = 366 * 86_400.0
MOST_APPROVERS = 100


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A decision that people have to take. Times are seconds after it was asked for. Raise ValueError."""

    message: str
    """What is asked, for people."""
    checkpoint: str = ""
    """Tells the gates of one task apart."""
    allows: tuple[Word, ...] = ()
    """What may be said; empty: all that makes sense there."""
    approvers: tuple[str, ...] = ()
    """Who may decide, by name; empty: whoever may change the run."""
    quorum: int = 1
    """How many of them have to approve the same content. Any other word of one of them decides at once."""
    cc: tuple[str, ...] = ()
    """Who is told of it and of its decision, and does not decide."""
    requester: str = ""
    """On whose behalf it is asked."""
    four_eyes: bool = False
    """The requester may not decide."""
    remind_every: float | None = None
    escalate_after: float | None = None
    escalate_to: tuple[str, ...] = ()
    """Who may decide too, from then on."""
    expires_after: float | None = None
    on_timeout: OnTimeout = "stay"
    """What is decided by itself then; stay: it is said in the feed, and people may still decide."""
    on_reject: OnReject = "end_run"
    """end_task: it and all that comes after it are cancelled, the rest goes on. run_again: the handler is told."""

    def __post_init__(self) -> None:
        """Refuse terms that nobody could meet, or that say two things."""
        # A list is what JSON makes of a tuple; a word alone would be taken apart into letters.
        for name in ("allows", "approvers", "cc", "escalate_to"):
            given = getattr(self, name)
            if isinstance(given, str) or any(not isinstance(one, str) or not one.strip() for one in given):
                raise ValueError(f"{name} is a sequence of names")
            if len(set(given)) != len(given) or len(given) > MOST_APPROVERS:
                raise ValueError(f"{name} names each once, and at most {MOST_APPROVERS}")
            object.__setattr__(self, name, tuple(given))
        self._check_words()
        self._check_people()
        self._check_times()

    def _check_words(self) -> None:
        if not self.message.strip() or len(self.message) > LONGEST_MESSAGE or "\x00" in self.message:
            raise ValueError(f"message is 1 to {LONGEST_MESSAGE} characters that say what is asked")
        if len(self.checkpoint) > 100:
            raise ValueError("checkpoint is at most 100 characters")
        _among("allows", self.allows, WORDS)
        _among("on_timeout", [self.on_timeout], get_args(OnTimeout))
        _among("on_reject", [self.on_reject], get_args(OnReject))

    def _check_people(self) -> None:
        if self.four_eyes and not self.requester:
            raise ValueError("four_eyes needs a requester, who then may not decide")
        able = set(self.approvers) - ({self.requester} if self.four_eyes else set())
        if self.quorum < 1 or (self.approvers and self.quorum > len(able)):
            raise ValueError("quorum is at least 1, and at most as many as may decide")

    def _check_times(self) -> None:
        for name in ("remind_every", "escalate_after", "expires_after"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds <= LONGEST_WAIT:
                raise ValueError(f"{name} is above 0 seconds and at most a year")
        if (self.escalate_after is None) != (not self.escalate_to):
            raise ValueError("escalate_after and escalate_to come together")
        if self.on_timeout != "stay" and self.expires_after is None:
            raise ValueError("on_timeout needs expires_after")

    def as_json(self) -> dict[str, Any]:
        """To be stored."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """As it was stored; what a newer version added is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def _among(name: str, given: Collection[str], known: Collection[str]) -> None:
    for word in given:
        if word not in known:
            raise ValueError(f"{name} is among {', '.join(known)}, not {word!r}")
