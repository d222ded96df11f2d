"""What is due and what waits behind it, as the compiler's graph: two queries, whatever the number of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nexus.canvas.compile import Graph, Node
from nexus.tasks.models import Dependency, Task
from nexus.tasks.states import TaskState


def graph_behind(due: Sequence[Task]) -> tuple[Graph, Mapping[int, Task]]:
    """The due tasks, the pending tasks of their runs, and the edges from either into the pending ones.

    The tasks come along by id, with what a canvas tells of them and no more: inputs may be large.
    """
    runs = {task.run_id for task in due}
    pending = Task.objects.filter(run_id__in=runs, state=TaskState.PENDING, deps_left__gt=0).only(
        "id", "run_id", "key", "queue", "rings", "deps_left", "not_before"
    )
    tasks = {task.pk: task for task in due} | {task.pk: task for task in pending}
    children: dict[int, list[int]] = {}
    held: Counter[int] = Counter()
    edges = Dependency.objects.filter(child__run_id__in=runs, child__state=TaskState.PENDING).order_by("id")
    for parent, child, state in edges.values_list("parent_id", "child_id", "parent__state"):
        held[child] += state == TaskState.RUNNING
        if parent in tasks:
            children.setdefault(parent, []).append(child)
    nodes = {task.pk: Node(id=task.pk, queue=task.queue) for task in due} | {
        task.pk: Node(
            id=task.pk,
            queue=task.queue,
            deps_left=task.deps_left,
            running=held[task.pk],
            delayed=task.not_before is not None,
        )
        for task in pending
    }
    return Graph(nodes=nodes, children=children), tasks
