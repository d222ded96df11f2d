"""Gates on tasks: what is asked, what people may say, and what becomes of the task."""

from __future__ import annotations

import pytest

from nexus import engine
from nexus.errors import IllegalMove
from nexus.gates.errors import (
    AlreadyDecided,
    AlreadyVoted,
    DecisionInvalid,
    FourEyes,
    NotAllowedHere,
    NotAnApprover,
    Superseded,
)
from tests.support.engine_facts import check_promises, everything
from tests.support.gates import asked, say
from tests.support.runs import kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


def told(run: engine.Run, kind: str) -> list[dict]:
    """What the feed says of one kind."""
    return [event.data for event in engine.events.of(run.pk) if event.kind == kind]


def refused(error: type[Exception], approval: engine.Approval, *words, **given) -> Exception:
    """Say it, be refused, and find nothing changed."""
    before = everything(), list(engine.approvals.order_by("id").values()), list(engine.Vote.objects.values())
    with pytest.raises(error) as raised:
        say(approval, *words, **given)
    assert before == (everything(), list(engine.approvals.order_by("id").values()), list(engine.Vote.objects.values()))
    return raised.value


def test_a_handler_asks_and_its_task_waits_without_spending_an_attempt():
    approval = asked(approvers=("ann",), requester="zoe")
    one = task(approval.run, "one")
    assert (one.state, one.attempt, one.wait["code"]) == ("waiting_approval", 0, "approval")
    assert one.wait["detail"] == {"approval": approval.pk, "approvers": ["ann"]}
    (said,) = told(approval.run, "approval.requested")
    assert (said["approval"], said["hash"], said["approvers"]) == (approval.pk, approval.hash, ["ann"])
    assert kinds(approval.run)[-2:] == ["approval.requested", "task.parked"]
    assert approval.content == {"text": "a draft"}
    check_promises()


def test_what_is_approved_goes_on_and_the_handler_is_told():
    approval = say(asked(), reason="good")
    assert (approval.outcome, approval.decided_by, approval.reason) == ("approved", "ann", "good")
    assert work(approval.run).state == "completed"
    answer = {"outcome": "approved", "content": {"text": "a draft"}, "reason": "good", "by": "ann"}
    assert task(approval.run, "one").output == answer
    assert [vote.decides for vote in engine.Vote.objects.filter(approval=approval)] == [True]
    (said,) = told(approval.run, "approval.decided")
    assert said == {
        "approval": approval.pk, "decision": "approve", "actor": "ann", "reason": "good", "hash": approval.hash,
    }  # fmt: skip
    check_promises()


def test_an_edit_replaces_what_was_asked():
    before = asked()
    approval = say(before, "edit_and_approve", content={"text": "better"})
    assert (approval.outcome, approval.proposed, approval.content) == (
        "edited",
        {"text": "a draft"},
        {"text": "better"},
    )
    assert approval.hash != before.hash
    work(approval.run)
    assert task(approval.run, "one").output["content"] == {"text": "better"}


def test_a_revision_is_asked_about_again_until_it_is_approved():
    first = say(asked(), "revise", reason="shorter")
    second = asked(run=first.run)
    assert (second.content, second.hash == first.hash) == ({"text": "a draft, shorter"}, False)
    say(second, actor="bo")
    assert work(first.run).state == "completed"
    assert task(first.run, "one").output["by"] == "bo"
    assert task(first.run, "one").attempts.count() == 3


def test_a_question_is_answered_freely():
    approval = say(asked(), "respond", reason="On Monday")
    work(approval.run)
    assert task(approval.run, "one").output["outcome"] == "responded"
    assert task(approval.run, "one").output["reason"] == "On Monday"


def test_a_no_ends_the_run():
    approval = say(asked(), "reject", reason="too dear")
    run = engine.runs.get(pk=approval.run_id)
    assert (run.state, states(run)) == ("cancelled", {"one": "cancelled", "two": "cancelled"})
    assert told(run, "run.cancel_requested") == [{"actor": "ann", "reason": "too dear", "approval": approval.pk}]
    check_promises()


def test_a_no_ends_the_task_and_what_comes_after_it_while_the_rest_goes_on():
    gated = spec("one", "test.proposes", input={"gate": {"on_reject": "end_task"}})
    run = submitted(gated, spec("two", after=("one",)), spec("three", after=("two",)), spec("beside"))
    approval = say(asked(run=run), "reject", reason="no")
    assert work(run).state == "completed"
    assert states(run) == {"one": "cancelled", "two": "cancelled", "three": "cancelled", "beside": "completed"}
    assert approval.outcome == "rejected"
    check_promises()


def test_a_no_may_be_told_to_the_handler():
    approval = say(asked(on_reject="run_again"), "reject", reason="no")
    assert work(approval.run).state == "completed"
    assert task(approval.run, "one").output["outcome"] == "rejected"


def test_the_first_word_stands_and_the_second_is_told_so():
    approval = asked()
    say(approval, actor="ann")
    error = refused(AlreadyDecided, approval, "reject", actor="bo", reason="no")
    assert "approved by ann" in str(error)
    assert (error.facts["standing"]["outcome"], error.facts["standing"]["decided_by"]) == ("approved", "ann")


def test_a_word_about_something_else_changes_nothing():
    approval = asked()
    error = refused(Superseded, approval, hash="0" * 64)
    assert error.facts["standing"]["hash"] == approval.hash
    assert states(approval.run)["one"] == "waiting_approval"


def test_what_is_asked_may_change_and_old_words_do_not_count_for_it():
    seen = asked(quorum=2)
    say(seen, actor="ann")
    now = engine.amend(approval_id=seen.pk, content={"text": "another"})
    assert (now.votes, now.outcome) == (0, None)
    refused(Superseded, seen, actor="bo")
    say(now, actor="bo")
    assert say(now, actor="ann").outcome == "approved"
    assert told(seen.run, "approval.amended") == [{"approval": seen.pk, "hash": now.hash}]
    with pytest.raises(AlreadyDecided):
        engine.amend(approval_id=seen.pk, content={})


def test_a_quorum_is_of_different_people():
    approval = asked(quorum=2, approvers=("ann", "bo", "cy"))
    assert say(approval, actor="ann").outcome is None
    refused(AlreadyVoted, approval, actor="ann")
    assert engine.approvals.for_person("ann").count() == 0
    assert engine.approvals.for_person("bo").count() == 1
    assert say(approval, actor="bo").outcome == "approved"
    assert [kind for kind in kinds(approval.run) if kind.startswith("approval.")] == [
        "approval.requested", "approval.voted", "approval.decided",
    ]  # fmt: skip
    assert list(engine.Vote.objects.order_by("id").values_list("actor", "decides")) == [("ann", False), ("bo", True)]


def test_one_no_is_enough_where_many_have_to_agree():
    approval = asked(quorum=3)
    say(approval, actor="ann")
    assert say(approval, "reject", actor="bo", reason="no").outcome == "rejected"


def test_under_a_quorum_an_edit_needs_the_others_again():
    seen = asked(quorum=2)
    say(seen, actor="ann")
    edited = say(seen, "edit_and_approve", actor="bo", content={"text": "better"})
    assert (edited.outcome, edited.votes) == (None, 1)
    refused(Superseded, seen, actor="cy")
    decided = say(edited, actor="ann")
    assert (decided.outcome, decided.content) == ("edited", {"text": "better"})


def test_who_voted_for_what_it_was_edited_back_to_has_voted():
    seen = asked(quorum=2)
    say(seen, actor="ann")
    edited = say(seen, "edit_and_approve", actor="bo", content={"text": "better"})
    back = say(edited, "edit_and_approve", actor="cy", content=seen.content)
    assert (back.outcome, back.decided_by) == ("approved", "cy")


def test_who_asks_does_not_decide():
    approval = asked(four_eyes=True, requester="ann")
    refused(FourEyes, approval, actor="ann")
    refused(FourEyes, approval, "reject", actor="ann", reason="no")
    assert engine.approvals.for_person("ann").count() == 0
    assert say(approval, actor="bo").outcome == "approved"


def test_only_those_who_were_named_decide():
    approval = asked(approvers=("ann",))
    refused(NotAnApprover, approval, actor="bo")
    refused(NotAnApprover, approval, actor="an")
    assert list(engine.approvals.for_person("bo")) == []
    assert say(approval, actor="ann").outcome == "approved"


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"decision": "perhaps"}, "/decision"),
        ({"decision": "reject"}, "/reason"),
        ({"decision": "edit_and_approve"}, "/content"),
        ({"decision": "edit_and_approve", "content": {"a": float("nan")}}, "/content"),
        ({"decision": "approve", "content": {}}, "/content"),
        ({"actor": " "}, "/actor"),
    ],
)
def test_a_word_that_says_too_little_or_too_much_is_refused_where_it_stands(words, pointer):
    assert refused(DecisionInvalid, asked(), **words).facts["pointer"] == pointer


def test_a_gate_takes_the_words_that_it_allows():
    approval = asked(allows=("approve", "reject"))
    refused(NotAllowedHere, approval, "revise", reason="shorter")
    assert say(approval).outcome == "approved"


def test_an_approval_that_is_none():
    with pytest.raises(engine.NotThere):
        engine.decide(approval_id=2**62, decision="approve", hash="", actor="ann")


def test_nothing_goes_past_a_gate():
    approval = asked()
    with pytest.raises(IllegalMove, match=f"approval {approval.pk}"):
        engine.unpark(task_id=approval.task_id, actor="bo")
    assert states(approval.run)["one"] == "waiting_approval"


def test_a_cancelled_run_asks_no_more():
    approval = asked()
    engine.cancel(run_id=approval.run_id, actor="bo")
    assert refused(AlreadyDecided, approval).facts["standing"]["outcome"] == "withdrawn"
    assert told(approval.run, "approval.withdrawn") == [{"approval": approval.pk}]
    check_promises()


def test_a_paused_run_may_be_decided_and_goes_on_when_it_is_resumed():
    approval = asked()
    engine.pause(run_id=approval.run_id)
    say(approval)
    assert work(approval.run).state == "open"
    engine.resume(run_id=approval.run_id)
    assert work(approval.run).state == "completed"
