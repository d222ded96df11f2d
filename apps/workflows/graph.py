"""The stages of a workflow as a graph: where each leads, whether it ends, which way an answer takes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from . import paths
from .contract import Broken
from .errors import WorkflowInvalid
from .shapes import END

Routes = Mapping[str, Sequence[Mapping[str, Any]]]


def routes_of(workflow: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Where each stage may lead; the next one, or the end, where it does not say."""
    steps = workflow["stages"]
    after = [*(step["stage"] for step in steps[1:]), END]
    return {
        step["stage"]: [dict(route) for route in step["routes"]] or [{"to": following, "when": None}]
        for step, following in zip(steps, after, strict=True)
    }


def check(workflow: Mapping[str, Any], *, stages: Mapping[str, Mapping[str, Any]], tools: Collection[str]) -> None:
    """Raise WorkflowInvalid, which names what is missing or goes round; `stages` and `tools` are those there are."""
    named = [step["stage"] for step in workflow["stages"]]
    routes = _unchecked_routes(workflow)
    led_to = {route["to"] for leads in routes for route in leads} - {END}
    missing = sorted((set(named) | led_to) - set(stages))
    used = {tool for name in named if name in stages for tool in stages[name]["tools"]}
    lacking = sorted(used - set(tools))
    if missing or lacking:
        raise WorkflowInvalid(
            _names(missing, lacking), pointer="/stages", missing_stages=missing, missing_tools=lacking
        )
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise WorkflowInvalid(f"A stage comes twice: {', '.join(twice)}", pointer="/stages", repeated_stages=twice)
    if elsewhere := sorted(led_to - set(named)):
        raise WorkflowInvalid(
            f"Routes lead to stages of no step: {', '.join(elsewhere)}", pointer="/stages", missing_stages=elsewhere
        )
    try:
        graph = {name: {route["to"] for route in leads} for name, leads in routes_of(workflow).items()}
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        circle = list(reversed(cycle.args[1]))
        raise WorkflowInvalid(f"The stages go round: {' -> '.join(circle)}", pointer="/stages", cycle=circle) from None


def _unchecked_routes(workflow: Mapping[str, Any]) -> list[Sequence[Mapping[str, Any]]]:
    return [step["routes"] for step in workflow["stages"]]


def _names(stages: Sequence[str], tools: Sequence[str]) -> str:
    said = [f"stages {', '.join(stages)}"] if stages else []
    said += [f"tools {', '.join(tools)}"] if tools else []
    return f"There are no {' and no '.join(said)}"


def allowed(routes: Routes, stage: str) -> list[str]:
    """Every next step that a stage may name, in order."""
    return list(dict.fromkeys(route["to"] for route in routes[stage]))


def next_step(routes: Routes, stage: str, answer: Mapping[str, Any]) -> str | Broken:
    """Where this answer leads, or what is wrong with it: what it says has to be what its own fields decide."""
    said = answer.get("nextStep")
    ways = routes[stage]
    decided = next((route["to"] for route in ways if route["when"] and _holds(route["when"], answer)), None)
    if decided is None:
        otherwise = [route["to"] for route in ways if not route["when"]]
        decided = said if said in otherwise else otherwise[0] if otherwise and said is None else None
    if decided is None:
        return Broken(path="$.nextStep", reason=f"{stage} does not lead to {str(said)[:80]!r}")
    if said is not None and said != decided:
        return Broken(path="$.nextStep", reason=f"{str(said)[:80]!r} is said, and the answer leads to {decided!r}")
    return str(decided)


def _holds(when: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    found = paths.value_at(answer, when["path"])
    return type(found) is type(when["equals"]) and found == when["equals"]
