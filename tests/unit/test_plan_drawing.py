"""A plan becomes a graph: a chain, a fan-out, a join; and what cannot be run is refused with a pointer."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus.engine import TaskSpec
from workorders import drawing
from workorders.contracts import Plan, Section
from workorders.errors import PlanInvalid


def a_section(key: str, *after: str) -> Section:
    return Section(key=key, title=f"About {key}", focus=f"Say what {key} is", after=after)


def a_plan(*sections: Section) -> Plan:
    return Plan(summary="How it is done", sections=sections, acceptance=("It is done",))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans whose sections build, if at all, on earlier ones."""
    keys = draw(
        st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), min_size=2, max_size=6, unique=True)
    )
    after = [draw(st.sets(st.sampled_from(keys[:place]))) if place else set() for place in range(len(keys))]
    return a_plan(*(a_section(key, *sorted(builds_on)) for key, builds_on in zip(keys, after, strict=True)))


@given(
    plan=plans(), difficulty=st.sampled_from(["trivial", "normal", "complex"]), owner=st.sampled_from(["intern", "ceo"])
)
def test_every_plan_is_drawn_as_a_chain_a_fan_out_and_a_join(plan, difficulty, owner):
    graph = drawing.draw(plan, difficulty=difficulty, owner_role=owner)

    drawing.check(graph)
    parents = {spec.key: set(spec.after) for spec in graph}
    children = {key: {child for child in parents if key in parents[child]} for key in parents}
    assert 3 <= len(graph) <= 12
    assert len(parents) == len(graph)
    assert next(iter(TopologicalSorter(parents).static_order())) == "gather"
    assert [key for key in parents if not parents[key]] == ["gather"]  # one beginning
    assert [key for key in parents if not children[key]] == ["review"]  # one end
    assert any(len(children[key]) >= 2 for key in parents)  # a fan-out
    assert len(parents["assemble"]) >= 2  # a join
    assert parents["review"] == {"assemble"}  # a chain


@given(plan=plans())
def test_the_same_plan_draws_the_same_graph(plan):
    draw = [drawing.draw(plan, difficulty="normal", owner_role="director") for _ in range(2)]
    assert draw[0] == draw[1]


def test_siblings_can_be_told_apart_by_title():
    graph = drawing.draw(a_plan(a_section("one"), a_section("two")), difficulty="normal", owner_role="director")
    assert [spec.title for spec in graph if spec.type == "section"] == ["About one", "About two"]


def test_a_trivial_order_gets_no_outline():
    plan = a_plan(a_section("one"), a_section("two"))

    graph = drawing.draw(plan, difficulty="trivial", owner_role="intern")

    drawing.check(graph)
    assert [spec.key for spec in graph] == ["gather", "section_1", "section_2", "assemble", "review"]


def test_a_section_starts_after_the_one_it_builds_on():
    graph = drawing.draw(a_plan(a_section("one"), a_section("two", "one")), difficulty="normal", owner_role="ceo")
    assert {spec.key: spec.after for spec in graph}["section_2"] == ("outline", "section_1")


@pytest.mark.parametrize(
    ("difficulty", "owner", "outliner", "reviewer"),
    [
        ("normal", "director", "intern", "ceo"),
        ("complex", "ceo", "ceo", "director"),
        ("normal", "intern", "intern", "director"),
    ],
)
def test_who_does_what(difficulty, owner, outliner, reviewer):
    graph = drawing.draw(a_plan(a_section("one"), a_section("two")), difficulty=difficulty, owner_role=owner)

    roles = {spec.key: spec.input.get("role") for spec in graph}
    assert roles == {
        "gather": None,
        "outline": outliner,
        "section_1": owner,
        "section_2": owner,
        "assemble": None,
        "review": reviewer,
    }


@pytest.mark.parametrize(
    ("sections", "pointer"),
    [
        ((a_section("one"), a_section("two"), a_section("one")), "/sections/2/key"),
    ],
)
def test_a_plan_that_names_two_sections_alike_is_refused(sections, pointer):
    with pytest.raises(PlanInvalid) as refusal:
        drawing.draw(a_plan(*sections), difficulty="normal", owner_role="director")
    assert refusal.value.facts["pointer"] == pointer


@pytest.mark.parametrize(
    ("sections", "pointer", "says"),
    [
        ((a_section("one", "two"), a_section("two", "one")), "/tasks/", "wait for each other"),
        ((a_section("one", "one"), a_section("two")), "/tasks/", "wait for each other"),
        ((a_section("one"), a_section("two", "nine")), "/tasks/3/after/1", "waits for nine"),
    ],
)
def test_a_plan_that_cannot_be_run_is_refused(sections, pointer, says):
    graph = drawing.draw(a_plan(*sections), difficulty="normal", owner_role="director")
    with pytest.raises(PlanInvalid, match=says) as refusal:
        drawing.check(graph)
    assert str(refusal.value.facts["pointer"]).startswith(pointer)


def a_chain(length: int) -> list[TaskSpec]:
    return [TaskSpec(key=f"t{n}", type="section", after=(f"t{n - 1}",) if n else ()) for n in range(length)]


@pytest.mark.parametrize(
    ("graph", "pointer"),
    [
        ([], "/tasks"),
        (a_chain(2), "/tasks"),
        (a_chain(13), "/tasks"),
        ([*a_chain(3), TaskSpec(key="t1", type="section")], "/tasks/3/key"),
        ([*a_chain(3), TaskSpec(key="x", type="rm_rf")], "/tasks/3/type"),
        ([*a_chain(3), TaskSpec(key="x", type="section", after=("t0", "nobody"))], "/tasks/3/after/1"),
    ],
)
def test_a_graph_that_cannot_be_run_is_refused_with_a_pointer(graph, pointer):
    with pytest.raises(PlanInvalid) as refusal:
        drawing.check(graph)
    assert refusal.value.facts["pointer"] == pointer


def test_the_largest_and_the_smallest_graph_pass():
    drawing.check(a_chain(3))
    drawing.check(a_chain(12))
