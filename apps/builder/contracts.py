"""What models must answer at each stage: JSON Schemas. Pure.

A schema says what a provider can enforce: shape, required fields, choices. Counts and names are put right where the
answer is read.
"""

from __future__ import annotations

from typing import Any

CATEGORIES = ("general", "analysis", "writing", "support", "data", "development", "research", "operations")
TYPES = ("string", "integer", "number", "boolean")
AGENTS_AT_MOST, TOOLS_AT_MOST = 5, 5


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _texts(description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def _list(description: str, item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "description": description}


def _one_of(*choices: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(choices)}


INTENT = _object(
    intent_type=_one_of("new_project", "existing_project", "unclear"),
    mentioned_project_name={
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "The project that the request names, or null",
    },
    orchestrator_guidance=_text("What whoever sets the project up should mind, in one or two sentences"),
)
ORCHESTRATOR = _object(
    project_name=_text("Two to four words"),
    summary=_text("What is to be built and for whom, in two or three sentences"),
    goals=_texts("What it must achieve"),
    constraints=_texts("What it must keep to"),
)
REQUIREMENTS = _object(
    feature_name=_text("Two to six words"),
    workflow_complexity=_one_of("single_agent", "multi_agent"),
    functional_requirements=_list(
        "Three to eight of them",
        _object(
            id=_text("FR-1, FR-2, and so on"),
            title=_text("A few words"),
            user_story=_text("As a …, I want …, so that …"),
            acceptance_criteria=_texts("How it is known to be met"),
            priority=_one_of("high", "medium", "low"),
        ),
    ),
    non_functional_requirements=_texts("Speed, safety, language, limits"),
)
_AGENT = _object(name=_text("Two or three words"), duty=_text("What it alone is responsible for"))
ARCHITECTURE = _object(
    design_overview=_text("How the requirements are met, in a few sentences"),
    agent_topology=_one_of("single", "pipeline", "hub"),
    agents=_list("One agent where the work is simple, and never more than five", _AGENT),
    data_models=_list("What travels", _object(name=_text("A few words"), fields=_texts("name: type"))),
    interfaces=_list("What goes in and comes out", _object(name=_text("A few words"), contract=_text("In and out"))),
    error_handling=_texts("What may go wrong, and what is done then"),
)
DESIGN = _object(
    display_name=_text("What people call it"),
    description=_text("What it does, in one or two sentences"),
    category=_one_of(*CATEGORIES),
    capabilities=_texts("What it can do"),
    behaviour=_texts("How it works, and what it refuses"),
    tool_ideas=_list("What it should compute rather than guess", _object(name=_text("A few words"), purpose=_text(""))),
)
_PARAMETER = _object(name=_text("An identifier"), type=_one_of(*TYPES), description=_text("What it is"))
TOOLS = _object(
    tools=_list(
        "One to three tools",
        _object(
            name=_text("An identifier"),
            display_name=_text("What people call it"),
            description=_text("What it computes, for the agent that uses it"),
            category=_one_of(*CATEGORIES),
            parameters=_list("What goes in", _PARAMETER),
            code=_text(
                "Python 3.11, standard library alone, that defines `def run(data)`: data is a dict of the parameters, "
                "any of which may be missing; it returns a dict of JSON values. No network, no files, no input"
            ),
        ),
    )
)
PROMPT = _object(
    system_prompt=_text("The agent's system prompt: duty, way of working, tools and when to use them, limits, tone"),
    example_questions=_texts("What people may ask it"),
)
CODE = _object(
    code=_text(
        "Python 3.11, standard library alone, that defines `def prepare(text)`: text is what a person said; it returns "
        "the text that the agent's model is asked. No network, no files, no input"
    ),
    notes=_texts("What the code does, and why"),
)
REVIEW = _object(
    verdict=_one_of("pass", "fail"),
    summary=_text("What was built and how to use it, in Markdown"),
    risks=_texts("What users should know"),
    restart_from=_text("Where the verdict is fail: the stage that has to be done again; else empty"),
)
