"""Steps of a life that are people's: a handler asks, somebody decides, somebody else comes too late."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from nexus import engine
from nexus.gates.errors import AlreadyDecided
from nexus.settlement.settle import Ending, settle
from nexus.tasks.states import TaskState as S

from .engine_facts import everything

picks = st.integers(0, 12)


class People:
    """For the state machine: it knows `standing` and `tasks`."""

    def asked(self: Any) -> list[Any]:
        """Who waits for a decision."""
        return [(run, task) for run, task in self.tasks(S.WAITING_APPROVAL) if task.asked]

    def decided(self: Any) -> bool:
        """Has anything been decided?"""
        return bool(engine.approvals.decided().exists())

    def ask_people(self: Any, pick: int) -> None:
        """A handler answers with a question."""
        one = self.standing()[pick % len(self.standing())]
        question = engine.Ask(gate=engine.Gate(message="So?"), content={"task": one.task.key, "fence": one.held.fence})
        answer = settle(one.held, Ending(move="parked", ask=question), one.holder, go_on=False)
        one.run.settle(one.task, "parked")
        one.task.asked = one.task.state == S.WAITING_APPROVAL
        assert answer.state == one.task.state
        assert engine.approvals.waiting().filter(task_id=one.task.id).exists() == one.task.asked

    def decide(self: Any, pick: int, word: str) -> None:
        """A person decides."""
        run, task = self.asked()[pick % len(self.asked())]
        approval = engine.approvals.waiting().get(task_id=task.id)
        engine.decide(approval_id=approval.pk, decision=word, hash=approval.hash, actor="ann", reason="so")  # type: ignore[arg-type]
        if word == "reject":
            assert run.cancel()
        else:
            task.state, task.asked = S.READY, False

    def decide_too_late(self: Any, pick: int) -> None:
        """Another decides what is decided."""
        every = list(engine.approvals.decided().order_by("id"))
        approval, before = every[pick % len(every)], everything()
        with pytest.raises(AlreadyDecided):
            engine.decide(approval_id=approval.pk, decision="approve", hash=approval.hash, actor="bo")
        assert everything() == before


STEPS: dict[str, Any] = {
    "ask_people": (lambda machine: machine.standing(), 2, {"pick": picks}),
    "decide": (People.asked, 2, {"pick": picks, "word": st.sampled_from(["approve", "approve", "revise", "reject"])}),
    "decide_too_late": (People.decided, 1, {"pick": picks}),
}
