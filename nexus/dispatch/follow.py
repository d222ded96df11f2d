"""What is due and what waits behind it, as the compiler's graph: two queries, whatever the number of runs."""

from __future__ import annotations

from collections.abc import Sequence

from nexus.canvas.compile import Graph, Node
from nexus.tasks.models import Dependency, Task
from nexus.tasks.states import TaskState


def graph_behind(due: Sequence[Task]) -> Graph:
    """The due tasks, the pending tasks of their runs, and the edges from either into the pending ones."""
    runs = {task.run_id for task in due}
    pending = Task.objects.filter(run_id__in=runs, state=TaskState.PENDING, deps_left__gt=0).only(
        "id", "queue", "deps_left", "not_before"
    )
    nodes = {task.pk: Node(id=task.pk, queue=task.queue) for task in due}
    for task in pending:
        nodes[task.pk] = Node(
            id=task.pk, queue=task.queue, deps_left=task.deps_left, delayed=task.not_before is not None
        )
    children: dict[int, list[int]] = {}
    edges = Dependency.objects.filter(child__run_id__in=runs, child__state=TaskState.PENDING).order_by("id")
    for parent, child in edges.values_list("parent_id", "child_id"):
        if parent in nodes:
            children.setdefault(parent, []).append(child)
    return Graph(nodes=nodes, children=children)
