"""What a decision is bound to, who may decide, and when enough have."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given

from nexus.errors import GraphInvalid
from nexus.gates import rules
from nexus.gates.rules import Ask, Standing
from nexus.tasks.gate import BEFORE_THE_WORK, WORDS, Gate
from nexus.tasks.graph import TaskSpec, validate
from tests.support.json_values import json_objects


def hashed(content, *, task="publish", checkpoint=""):
    return rules.hash_of(task=task, checkpoint=checkpoint, content=content)


def test_the_order_of_keys_makes_no_difference():
    assert hashed({"a": 1, "b": {"c": 2, "d": 3}}) == hashed({"b": {"d": 3, "c": 2}, "a": 1})


@pytest.mark.parametrize("other", [{"amount": 4}, {"amount": "3"}, {"amount": 3.5}, {"amount": 3, "to": "x"}, {}])
def test_other_content_has_another_hash(other):
    assert hashed({"amount": 3}) != hashed(other)


def test_the_same_content_of_another_task_or_checkpoint_has_another_hash():
    assert len({hashed({}), hashed({}, task="pay"), hashed({}, checkpoint="final")}) == 3


@given(json_objects())
def test_a_hash_is_the_same_every_time_and_of_every_copy(content):
    assert hashed(content) == hashed(dict(reversed(content.items())))
    assert len(hashed(content)) == 64


@pytest.mark.parametrize(
    "content",
    [{"a": math.nan}, {"a": math.inf}, {"a": object()}, {"a": "\x00"}, {"a": "\ud800"}, ["a"], {"a": "x" * 1_000_001}],
)
def test_what_no_column_could_hold_is_refused_where_it_is_asked(content):
    with pytest.raises(ValueError, match="What is decided"):
        Ask(gate=Gate(message="So?"), content=content)


@pytest.mark.parametrize(
    ("approvers", "four_eyes", "actor", "why"),
    [
        ((), False, "ann", None),
        ((), False, "zoe", None),
        ((), True, "ann", "four_eyes"),
        ((), True, "zoe", None),
        (("bo",), False, "bo", None),
        (("bo",), False, "zoe", "not_an_approver"),
        (("bo",), False, "ann", "not_an_approver"),
        (("ann", "bo"), True, "ann", "four_eyes"),
        (("ann", "bo"), True, "bo", None),
        (("bo",), False, "Bo", "not_an_approver"),
    ],
)
def test_who_may_decide(approvers, four_eyes, actor, why):
    standing = Standing(allows=WORDS, approvers=approvers, requester="ann", four_eyes=four_eyes)
    assert rules.may_decide(standing, actor=actor) == why


@pytest.mark.parametrize(
    ("word", "approvals", "quorum", "decided"),
    [
        ("approve", 0, 1, True),
        ("approve", 0, 2, False),
        ("approve", 1, 2, True),
        ("approve", 1, 3, False),
        ("edit_and_approve", 0, 1, True),
        ("edit_and_approve", 0, 2, False),
        ("reject", 0, 3, True),
        ("revise", 0, 3, True),
        ("respond", 0, 3, True),
    ],
)
def test_a_quorum_is_of_approvals_and_any_other_word_decides_alone(word, approvals, quorum, decided):
    assert rules.decides(word, approvals=approvals, quorum=quorum) is decided


@pytest.mark.parametrize(
    ("word", "reason", "content", "place"),
    [
        ("approve", "", None, None),
        ("approve", "fine", None, None),
        ("reject", "", None, "/reason"),
        ("reject", " \n", None, "/reason"),
        ("revise", "", None, "/reason"),
        ("respond", "", None, "/reason"),
        ("respond", "42", None, None),
        ("approve", "x" * 20_001, None, "/reason"),
        ("approve", "\x00", None, "/reason"),
        ("approve", "", {}, "/content"),
        ("edit_and_approve", "", None, "/content"),
        ("edit_and_approve", "", {}, None),
    ],
)
def test_what_a_word_has_to_come_with(word, reason, content, place):
    found = rules.what_is_wrong(word, reason=reason, content=content)
    assert (found and found[0]) == place


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"message": " "}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"quorum": 0}, "quorum"),
        ({"approvers": ("ann",), "quorum": 2}, "quorum"),
        ({"approvers": ("ann", "bo"), "quorum": 2, "requester": "ann", "four_eyes": True}, "quorum"),
        ({"four_eyes": True}, "requester"),
        ({"approvers": "ann"}, "approvers"),
        ({"approvers": ("ann", "ann")}, "approvers"),
        ({"allows": ("perhaps",)}, "allows"),
        ({"on_timeout": "approve"}, "expires_after"),
        ({"on_timeout": "panic", "expires_after": 1}, "on_timeout"),
        ({"on_reject": "shrug"}, "on_reject"),
        ({"expires_after": 0}, "expires_after"),
        ({"remind_every": -1}, "remind_every"),
        ({"escalate_after": 5}, "escalate_to"),
        ({"escalate_to": ("cy",)}, "escalate_after"),
    ],
)
def test_terms_that_nobody_could_meet_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        Gate(**{"message": "May I?", **wrong})


def test_terms_are_stored_and_read_again_and_what_is_new_is_left_out():
    gate = Gate(
        message="May I?", approvers=["ann", "bo"], quorum=2, allows=["approve"], expires_after=60, on_timeout="reject"
    )
    assert Gate.of(gate.as_json() | {"later": 1}) == gate


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"gate": Gate(message="May it?", allows=("approve", "revise"))}, "/tasks/0/gate/allows"),
        ({"gate": Gate(message="May it?"), "not_before": datetime(2030, 1, 1, tzinfo=UTC)}, "/tasks/0/not_before"),
    ],
)
def test_a_gate_before_the_work_allows_what_makes_sense_there(spec, pointer):
    with pytest.raises(GraphInvalid) as refused:
        validate([TaskSpec(key="a", type="t", **spec)], types={"t"})
    assert refused.value.facts["pointer"] == pointer
    validate([TaskSpec(key="a", type="t", gate=Gate(message="May it?", allows=BEFORE_THE_WORK))], types={"t"})
