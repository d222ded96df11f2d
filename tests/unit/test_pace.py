"""What counts as short."""

from __future__ import annotations

from nexus.execution.pace import SHORT, SURE_AFTER, Pace


def learnt(*seconds: float) -> Pace:
    pace = Pace()
    for one in seconds:
        pace.note("a", one)
    return pace


def test_nothing_is_said_of_a_type_before_enough_of_its_tasks_were_seen():
    assert learnt(*[0.0] * (SURE_AFTER - 1)).short == ()
    assert learnt(*[0.0] * SURE_AFTER).short == ("a",)


def test_one_long_execution_takes_a_types_name_off_the_list_and_short_ones_put_it_back():
    pace = learnt(*[0.0] * 100)
    pace.note("a", 60.0)
    assert pace.short == ()
    for _ in range(12):
        pace.note("a", 0.0)
    assert pace.short == ("a",)


def test_what_takes_long_is_never_short_and_types_do_not_mix():
    pace = learnt(*[2 * SHORT] * 100)
    for _ in range(SURE_AFTER):
        pace.note("c", SHORT / 2)
        pace.note("b", SHORT / 2)
    assert pace.short == ("b", "c")
