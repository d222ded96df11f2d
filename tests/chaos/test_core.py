"""The core of the fault matrix: a handful of rows on one stage. `bin/nexus chaos` runs them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos import oracle
from tests.chaos.matrix import ROWS, Act
from tests.chaos.rows import asking, broker, database, rubbish, workers
from tests.chaos.stage import Stage, stage

CORE = {
    "killed_at_the_sharpest_points": workers.killed_at_the_sharpest,
    "a_child_sleeps_past_its_lease": workers.child_stopped,
    "flushed_in_chains_and_chords": broker.flushed,
    "rung_five_times": broker.rung_five_times,
    "rung_before_its_parents": broker.rung_backwards,
    "doorbells_lost": broker.swallowed,
    "rubbish_in_a_queue": rubbish.poisoned,
    "postgres_crashes_under_load": database.crashed,
    "money_for_ten_of_fifty": asking.race_for_budget,
    "filed_fifty_times": asking.filed_twice,
}


@pytest.fixture(scope="module")
def running() -> Iterator[Stage]:
    """One stage for all rows; each leaves it mended."""
    with stage(seed=7) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("act", CORE.values(), ids=CORE.keys())
def test_everything_holds_when(act: Act, running: Stage):
    running.dice.seed(7)
    figure = act(running)
    running.mend()
    running.quiet()
    assert oracle.breaches(running.nexus) == [], figure


def test_every_row_of_the_matrix_has_a_function_or_a_reason():
    assert [row.number for row in ROWS] == list(range(1, 50))
    assert [row.number for row in ROWS if bool(row.act) == bool(row.why)] == []
