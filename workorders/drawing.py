"""A plan becomes a graph of tasks. Pure: the same plan draws the same graph.

    gather -> outline -> section_1 ... section_n -> assemble -> review        (normal, complex)
    gather            -> section_1 ... section_n -> assemble -> review        (trivial)

A chain, a fan-out, a join. Sections may build on one another; whoever asks for a circle is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from graphlib import CycleError, TopologicalSorter

from nexus import engine

from . import rules
from .contracts import Difficulty, Plan, Section
from .errors import PlanInvalid

TASKS_AT_LEAST = 3
TASKS_AT_MOST = 12
TYPES = frozenset({"gather", "outline", "section", "assemble", "review"})
"""What a plan may be drawn with. Review adds what follows from its verdict."""


def draw(plan: Plan, *, difficulty: Difficulty, owner_role: str, seal: str = "") -> tuple[engine.TaskSpec, ...]:
    """Return the tasks that carry out `plan`, the first of them without a parent in the graph.

    A trivial order gets no outline; what it asks for is not worth one more call. `seal` is of its checks: the review
    is given it here, before anybody works.
    """
    _refuse_doubles(plan.sections)
    trivial = difficulty == "trivial"
    start = "gather" if trivial else "outline"
    keys = {section.key: f"section_{place}" for place, section in enumerate(plan.sections, start=1)}
    graph = [engine.TaskSpec(key="gather", type="gather", title="Gather the inputs")]
    if not trivial:
        outliner = owner_role if difficulty == "complex" else "intern"
        graph.append(
            engine.TaskSpec(
                key="outline", type="outline", after=("gather",), input={"role": outliner}, title="Outline the work"
            )
        )
    graph.extend(_section(section, keys, start=start, role=owner_role) for section in plan.sections)
    graph.append(
        engine.TaskSpec(
            key="assemble",
            type="assemble",
            after=tuple(keys.values()),
            input={"sections": list(keys.values())},
            title="Assemble the document",
        )
    )
    graph.append(review_of("assemble", author=owner_role, attempt=1, seal=seal))
    return tuple(graph)


def review_of(draft: str, *, author: str, attempt: int, seal: str = "") -> engine.TaskSpec:
    """The task that reviews what `author` wrote in the task `draft`."""
    reviewer = rules.reviewer_of(author)
    return engine.TaskSpec(
        key="review" if attempt == 1 else f"review_{attempt}",
        type="review",
        after=(draft,),
        input={"role": reviewer, "author": author, "attempt": attempt, "draft": draft, "seal": seal},
        title="Review the document" if attempt == 1 else f"Review the document, attempt {attempt}",
    )


def revision_after(review: str, *, author: str, attempt: int, draft: str, because: str = "") -> engine.TaskSpec:
    """The task in which `author` mends `draft` by the reasons that `review` gave."""
    return engine.TaskSpec(
        key=f"revise_{attempt}",
        type="revise",
        after=(review,),
        input={"role": author, "attempt": attempt, "draft": draft},
        title=f"Revise the document, attempt {attempt}" + (f": {because}" if because else ""),
    )


def check(graph: Sequence[engine.TaskSpec], *, types: Collection[str] = TYPES) -> None:
    """Refuse a graph that cannot be run: size, doubled keys, unknown types, unknown parents, circles."""
    if not TASKS_AT_LEAST <= len(graph) <= TASKS_AT_MOST:
        raise PlanInvalid(
            f"A plan has {TASKS_AT_LEAST} to {TASKS_AT_MOST} tasks, not {len(graph)}", pointer="/tasks", size=len(graph)
        )
    places = {spec.key: place for place, spec in reversed(list(enumerate(graph)))}
    for place, spec in enumerate(graph):
        if places[spec.key] != place:
            raise PlanInvalid(f"Two tasks are called {spec.key}", pointer=f"/tasks/{place}/key")
        if spec.type not in types:
            raise PlanInvalid(f"Nothing carries out tasks of type {spec.type}", pointer=f"/tasks/{place}/type")
        for nth, parent in enumerate(spec.after):
            if parent not in places:
                raise PlanInvalid(
                    f"{spec.key} waits for {parent}, which is not there", pointer=f"/tasks/{place}/after/{nth}"
                )
    try:
        TopologicalSorter({spec.key: spec.after for spec in graph}).prepare()
    except CycleError as circle:
        around = circle.args[1]
        raise PlanInvalid(
            "These tasks wait for each other: " + " -> ".join(around), pointer=f"/tasks/{places[around[0]]}/after"
        ) from None


def _section(section: Section, keys: dict[str, str], *, start: str, role: str) -> engine.TaskSpec:
    # A key that no section has stays as it is: check() names it and refuses.
    builds_on = tuple(keys.get(key, key) for key in section.after)
    return engine.TaskSpec(
        key=keys[section.key],
        type="section",
        after=(start, *dict.fromkeys(builds_on)),
        input={"role": role, "title": section.title, "focus": section.focus},
        title=section.title,
    )


def _refuse_doubles(sections: Sequence[Section]) -> None:
    seen: set[str] = set()
    for place, section in enumerate(sections):
        if section.key in seen:
            raise PlanInvalid(f"Two sections are called {section.key}", pointer=f"/sections/{place}/key")
        seen.add(section.key)
