"""The engine's pure rules: states, backoff, fingerprints, dials."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.conf import Dials
from nexus.deadletters.fingerprint import fingerprint
from nexus.errors import IllegalMove, NexusError
from nexus.execution import handlers, retry
from nexus.tasks.states import FINAL, MOVES, STOPPABLE, TaskState, may_move


def test_nothing_leads_out_of_a_final_state():
    assert not [move for move in MOVES if move[0] in FINAL]


def test_every_state_can_be_reached_and_left():
    assert {target for _, target in MOVES} == set(TaskState)
    assert {source for source, _ in MOVES} == set(TaskState) - FINAL


def test_a_running_task_is_told_to_stop_and_is_not_ended_for_it():
    assert TaskState.RUNNING not in STOPPABLE
    assert may_move(TaskState.RUNNING, TaskState.CANCELLED)


@given(st.integers(1, 60), st.floats(0.01, 60), st.floats(1, 600), st.integers())
def test_backoff_is_between_nothing_and_its_cap(attempt, base, cap, seed):
    assert 0 <= retry.delay(attempt=attempt, base=base, cap=cap, random=Random(seed)) <= cap


def test_failures_that_differ_in_numbers_are_the_same():
    one = fingerprint(task_type="t", code="c", message="order 12 at 0xdeadbeef failed")
    two = fingerprint(task_type="t", code="c", message="order 977 at 0xfeedcafe failed")
    other = fingerprint(task_type="t", code="c", message="order 12 is missing")
    assert one == two != other


def test_a_lease_that_one_lost_heartbeat_ends_is_refused():
    with pytest.raises(ValueError, match="three heartbeats"):
        Dials(lease_for=10, heartbeat_every=5)


def test_an_error_says_its_docstring_and_keeps_its_facts():
    error = IllegalMove(state="completed")
    assert str(error) == "This cannot be done in the present state."
    assert error.facts == {"state": "completed"}
    assert str(NexusError("own words", retry_after=3)) == "own words"


def test_a_handler_on_an_unknown_queue_or_a_second_one_is_refused():
    with pytest.raises(ValueError, match="is no queue"):
        handlers.handler("x", queue="nowhere")

    @handlers.handler("unit.once", queue="nexus.tools")
    def first(context):
        """Never called."""

    with pytest.raises(ValueError, match="Two handlers"):
        handlers.handler("unit.once", queue="nexus.tools")(lambda context: None)
