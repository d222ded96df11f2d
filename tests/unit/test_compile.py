"""The canvas compiler: every due task is rung once, and a canvas never promises what an edge forbids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus.canvas.compile import WIDEST, Graph, Node, compile_segments

QUEUES = ("a", "b")


@st.composite
def graphs(draw):
    """A random acyclic graph whose roots are due, and whose other tasks wait for unfinished parents."""
    size = draw(st.integers(1, 14))
    parents = {n: draw(st.sets(st.integers(0, n - 1), max_size=4)) if n else set() for n in range(size)}
    nodes = {
        n: Node(
            id=n,
            queue=draw(st.sampled_from(QUEUES)),
            deps_left=len(parents[n]),
            delayed=bool(parents[n]) and draw(st.booleans()),
        )
        for n in range(size)
    }
    children = {n: [child for child in range(size) if n in parents[child]] for n in range(size)}
    return Graph(nodes=nodes, children=children), parents


@given(graphs())
def test_every_due_task_is_rung_exactly_once(drawn):
    graph, parents = drawn
    due = [n for n in graph.nodes if not parents[n]]
    first = [
        ring
        for segment in compile_segments(graph, due)
        for ring in (segment.rings if segment.kind == "chord" else segment.rings[:1])
    ]
    assert sorted(first) == due


@given(graphs())
def test_a_canvas_respects_every_edge(drawn):
    graph, parents = drawn
    due = [n for n in graph.nodes if not parents[n]]
    for segment in compile_segments(graph, due):
        order = {task: place for place, task in enumerate(segment.carries)}
        for task in segment.carries:
            assert parents[task] <= set(order) or task in due
            assert all(order[parent] < order[task] for parent in parents[task])
            assert task in due or not graph.nodes[task].delayed
        if segment.kind == "chord":
            assert 1 < len(segment.rings) <= WIDEST
            assert segment.body is not None


@given(graphs())
def test_no_task_is_carried_twice(drawn):
    graph, parents = drawn
    segments = compile_segments(graph, [n for n in graph.nodes if not parents[n]])
    carried = [task for segment in segments for task in segment.carries]
    assert len(carried) == len(set(carried))


def graph_of(queues: dict[int, str], edges: dict[int, list[int]]) -> Graph:
    """A graph by hand."""
    left = {task: sum(task in children for children in edges.values()) for task in queues}
    return Graph(nodes={n: Node(id=n, queue=q, deps_left=left[n]) for n, q in queues.items()}, children=edges)


def test_inside_a_queue_one_doorbell_is_enough():
    [segment] = compile_segments(graph_of({1: "a", 2: "a", 3: "b", 4: "b"}, {1: [2], 2: [3], 3: [4]}), [1])
    assert (segment.kind, segment.rings, segment.carries) == ("chain", (1, 3), (1, 2, 3, 4))


def test_a_fan_in_wider_than_a_chord_is_left_to_sql():
    wide = WIDEST + 1
    graph = graph_of({**dict.fromkeys(range(wide), "a"), wide: "b"}, {n: [wide] for n in range(wide)})
    assert {segment.kind for segment in compile_segments(graph, range(wide))} == {"single"}


def test_a_fan_in_with_a_parent_elsewhere_is_no_chord():
    graph = graph_of({1: "a", 2: "a", 3: "b", 9: "a"}, {1: [3], 2: [3], 9: [3]})
    assert {segment.kind for segment in compile_segments(graph, [1, 2])} == {"single"}


def test_a_fan_in_with_a_parent_that_runs_already_is_a_chord_of_the_others():
    graph = graph_of({1: "a", 2: "a", 3: "b", 9: "a"}, {1: [3], 2: [3], 9: [3]})
    join = Node(id=3, queue="b", deps_left=3, running=1)
    [segment] = compile_segments(Graph(nodes={**graph.nodes, 3: join}, children={1: [3], 2: [3]}), [1, 2])
    assert (segment.kind, segment.rings, segment.body) == ("chord", (1, 2), 3)
