"""What each stage makes of its model's answer: an output, files, and how often programs were run.

One function per stage, found by the stage's name. A maker writes nothing: what it made is kept by building.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nexus import engine

from . import artefacts, contracts, documents, names, trials
from .asking import ask
from .errors import BuildFailed
from .models import BuildProject
from .stages import Stage

Json = dict[str, Any]
ROUNDS = 3
"""How often a model is asked for a program until it runs."""


@dataclass
class Bench:
    """Where a stage works: what there is before it, and what it makes."""

    context: engine.Context
    project: BuildProject
    stage: Stage
    before: Mapping[str, Json]
    """Outputs of the stages that are completed, by name."""
    files: dict[str, str] = field(default_factory=dict)
    tool_calls: int = 0
    logs: list[str] = field(default_factory=list)

    @property
    def main(self) -> str:
        """The name that documents about the whole project lie under."""
        return artefacts.folder(self.project)

    @property
    def agents(self) -> list[Json]:
        """The agents of the system, as the architecture has them."""
        return list(self.before["system_architecture"]["agents"])

    def of_agent(self, stage: str, agent: str) -> Json:
        """What an earlier stage made for that agent."""
        return dict(self.before[stage]["agents"][agent])

    def ask(self, schema: Json, *, step: int = 1, **given: Any) -> Json:
        """Ask the stage's role."""
        return ask(
            self.context, project=self.project, role=self.stage.role, kind=self.stage.name, step=step, schema=schema,
            **given,
        )  # fmt: skip

    def keep(self, agent: str, output: Json) -> None:
        """Put the output down as this stage's document about that agent."""
        self.files[artefacts.document(self.project, agent, self.stage.document)] = documents.as_json(output)


def orchestrator(bench: Bench) -> Json:
    """Set up the project."""
    project = bench.project
    made = bench.ask(contracts.ORCHESTRATOR, inputs={"Guidance": project.intent.get("orchestrator_guidance", "")})
    root = artefacts.root(project)
    config = {
        "project": artefacts.folder(project), "title": project.name, "id": project.public_id,
        "deployment": project.deployment_type, "stages": list(project.order), "tags": list(project.tags),
    }  # fmt: skip
    bench.files[f"{root}/config.yaml"] = documents.as_yaml(config)
    bench.files[f"{root}/status.yaml"] = documents.as_yaml({"project": config["project"], "status": "building"})
    bench.files[f"{root}/README.md"] = documents.readme(
        name=project.name, requirement=project.requirement, summary=made["summary"], goals=made["goals"],
        constraints=made["constraints"],
    )  # fmt: skip
    bench.keep(bench.main, made)
    return made


def requirements_analysis(bench: Bench) -> Json:
    """Say what the system has to do."""
    made = bench.ask(contracts.REQUIREMENTS, inputs={"Project": bench.before["orchestrator"]})
    bench.keep(bench.main, made)
    return made


def system_architecture(bench: Bench) -> Json:
    """Cut the system into agents, each with a name of its own."""
    asked = bench.before["requirements_analysis"]
    made = bench.ask(contracts.ARCHITECTURE, inputs={"Requirements": asked})
    several = asked["workflow_complexity"] == "multi_agent"
    wanted = made["agents"][: contracts.AGENTS_AT_MOST if several else 1] or [{"name": bench.main, "duty": ""}]
    agents: list[Json] = []
    for number, one in enumerate(wanted, start=1):
        name = names.identifier(one["name"], otherwise=f"agent_{number}") if several else bench.main
        name = names.different(name, [known["name"] for known in agents])
        agents.append({"name": name, "title": one["name"], "duty": one["duty"]})
    made = {**made, "agents": agents}
    bench.keep(bench.main, made)
    return made


def agent_design(bench: Bench) -> Json:
    """Design each agent."""
    inputs = {
        "Requirements": bench.before["requirements_analysis"],
        "Architecture": bench.before["system_architecture"],
    }
    return _each(
        bench, lambda agent, step: bench.ask(contracts.DESIGN, step=step, inputs=inputs, section=_about(agent))
    )


def tools_developer(bench: Bench) -> Json:
    """Write the tools of each agent, until all of them run."""

    def make(agent: Json, step: int) -> Json:
        inputs = {"Design": bench.of_agent("agent_design", agent["name"])}
        return _until_it_runs(
            bench, step,
            lambda at, feedback: _tools(
                bench.ask(contracts.TOOLS, step=at, inputs=inputs, section=_about(agent), feedback=feedback)
            ),
            lambda made: _tools_tried(bench, made),
        )  # fmt: skip

    made = _each(bench, make)
    for of_agent in made["agents"].values():
        for tool in of_agent["tools"]:
            path = artefacts.tool(bench.project, tool["name"])
            path = (
                path
                if path not in bench.files
                else names.different(path[:-3], [one[:-3] for one in bench.files]) + ".py"
            )
            bench.files[path] = tool["code"].rstrip() + "\n"
            tool["path"] = path
    return made


def prompt_engineer(bench: Bench) -> Json:
    """Write the prompt of each agent."""

    def make(agent: Json, step: int) -> Json:
        name = agent["name"]
        tools = bench.before.get("tools_developer", {}).get("agents", {}).get(name, {}).get("tools", [])
        told = [{"name": tool["name"], "description": tool["description"]} for tool in tools]
        inputs = {"Design": bench.of_agent("agent_design", name), "Tools": told}
        made = bench.ask(contracts.PROMPT, step=step, inputs=inputs, section=_about(agent))
        path = artefacts.prompt(bench.project, name)
        bench.files[path] = documents.as_yaml({"agent": name, "version": "1.0.0", **made})
        return {**made, "path": path}

    return _each(bench, make)


def agent_code_developer(bench: Bench) -> Json:
    """Write the program of each agent, until it runs."""

    def make(agent: Json, step: int) -> Json:
        name = agent["name"]
        inputs = {
            "Design": bench.of_agent("agent_design", name),
            "Prompt": bench.of_agent("prompt_engineer", name)["system_prompt"],
        }
        made = _until_it_runs(
            bench, step,
            lambda at, feedback: bench.ask(
                contracts.CODE, step=at, inputs=inputs, section=_about(agent), feedback=feedback
            ),
            lambda made: _code_tried(bench, made),
        )  # fmt: skip
        path = artefacts.code(bench.project, name)
        bench.files[path] = made["code"].rstrip() + "\n"
        return {**made, "path": path}

    return _each(bench, make)


def whole(bench: Bench) -> Json:
    """Review the whole; refuse what the reviewer does not pass."""
    shown = {name: output for name, output in bench.before.items() if name != "orchestrator"}
    made = bench.ask(contracts.REVIEW, inputs=shown)
    if made["verdict"] == "fail":
        again = made["restart_from"] or "the stage that is at fault"
        raise BuildFailed(f"The review did not pass: {made['summary'][:500]} Restart from {again}.")
    bench.keep(bench.main, made)
    return made


MAKERS: dict[str, Callable[[Bench], Json]] = {
    "orchestrator": orchestrator,
    "requirements_analysis": requirements_analysis,
    "system_architecture": system_architecture,
    "agent_design": agent_design,
    "tools_developer": tools_developer,
    "prompt_engineer": prompt_engineer,
    "agent_code_developer": agent_code_developer,
    "agent_developer_manager": whole,
}


def _about(agent: Json) -> tuple[str, str]:
    return agent["title"], agent["duty"]


def _each(bench: Bench, make: Callable[[Json, int], Json]) -> Json:
    """The same for each agent, with steps of its own."""
    made: dict[str, Json] = {}
    for place, agent in enumerate(bench.agents):
        bench.context.check()
        bench.context.progress(place / len(bench.agents), agent["name"])
        made[agent["name"]] = make(agent, 1 + 10 * place)
        bench.keep(agent["name"], made[agent["name"]])
    return {"agents": made}


def _until_it_runs(
    bench: Bench, step: int, make: Callable[[int, tuple[str, ...]], Json], wrong_with: Callable[[Json], str]
) -> Json:
    feedback: tuple[str, ...] = ()
    for at in range(step, step + ROUNDS):
        made = make(at, feedback)
        wrong = wrong_with(made)
        if not wrong:
            return made
        bench.logs.append(f"A program did not run: {wrong}")
        feedback = (*feedback, f"The program was run and failed: {wrong}")
    raise BuildFailed(f"No program that runs after {ROUNDS} tries: {feedback[-1]}")


def _tools(answer: Json) -> Json:
    """The answer with names that tell its tools and their parameters apart."""
    taken: list[str] = []
    for tool in answer["tools"][: contracts.TOOLS_AT_MOST]:
        tool["name"] = names.different(names.identifier(tool["name"], otherwise="tool"), taken)
        taken.append(tool["name"])
        known: list[str] = []
        for parameter in tool["parameters"]:
            parameter["name"] = names.different(names.identifier(parameter["name"], otherwise="value"), known)
            known.append(parameter["name"])
    return {**answer, "tools": answer["tools"][: contracts.TOOLS_AT_MOST]}


def _tools_tried(bench: Bench, made: Json) -> str:
    for tool in made["tools"]:
        bench.tool_calls += trials.RUNS_OF_TOOL
        if wrong := trials.of_tool(tool["code"], tool["parameters"]):
            return f"{tool['name']}: {wrong}"
    return ""


def _code_tried(bench: Bench, made: Json) -> str:
    bench.tool_calls += trials.RUNS_OF_AGENT
    return trials.of_agent(made["code"])
