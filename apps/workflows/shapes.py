"""What a definition holds, as clients and bundles write it: strict, closed, bounded. Pure."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import DefinitionInvalid

NOT_TEXT = re.compile("[\0\ud800-\udfff]")
LARGEST_BODY = 400_000
END = "session_end"
"""Where a session ends: the next step of its last stage."""
RESERVED = frozenset({"import", "apply", "simulate", "telemetry", "telemetry.jsonl", "changes", "runs", "default", END})

NODE_STATUSES = ["draft", "active", "disabled"]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
ToolId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+){0,15}$", max_length=200)]
Line = Annotated[str, Field(max_length=200)]
Prose = Annotated[str, Field(max_length=100_000)]


class Shape(BaseModel):
    """Nothing is converted, nothing unknown is kept."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ToolBody(Shape):
    """A tool that stages may be given."""

    id: ToolId
    title: Line = ""
    description: Annotated[str, Field(max_length=2_000)] = ""
    tool: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """The agents' tool that it is; the one of the same name where empty."""


class ContractRule(Shape):
    """What a schema cannot say of an answer."""

    rule: Literal["counts", "some_at_least", "two_decimals", "known"]
    path: Path
    of: Path | None = None
    """counts: the list whose length `path` gives."""
    value: float | None = None
    """some_at_least: at least one of the numbers at `path` is so large."""
    among: Literal["agencies", "categories", "services"] | None = None
    """known: what `path` names is in the workflow's knowledge."""


class StageBody(Shape):
    """One question to a model, and the contract of its answer."""

    id: Id
    title: Line = ""
    role: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = "intern"
    calls_model: bool = True
    """Whether a model is asked. One that asks none gives the others its prompt, as their persona."""
    prompt: Prose = ""
    tools: Annotated[list[ToolId], Field(max_length=20)] = []
    contract: dict[str, Any] = {}
    """A JSON Schema of the answer: an object, closed."""
    rules: Annotated[list[ContractRule], Field(max_length=20)] = []
    saves: Annotated[list[Path], Field(max_length=30)] = []
    """Fields of the answer that are merged into the conversation's state; the others are not."""
    repair_attempts: Annotated[int, Field(ge=0, le=3)] = 0
    """How often the model may mend an answer that breaks the contract. Each is paid for."""
    max_tokens: Annotated[int, Field(ge=64, le=64_000)] | None = None


class RouteWhen(Shape):
    """A field of the answer has this value."""

    path: Path
    equals: bool | int | str


class WorkflowRoute(Shape):
    """Where a stage may lead."""

    to: Id
    when: RouteWhen | None = None


class WorkflowStep(Shape):
    """A stage in its place. Without routes it leads to the next one, and the last one to the end."""

    stage: Id
    routes: Annotated[list[WorkflowRoute], Field(max_length=20)] = []


class WorkflowBody(Shape):
    """Stages in order, and where each may lead."""

    id: Id
    title: Line = ""
    description: Annotated[str, Field(max_length=2_000)] = ""
    stages: Annotated[list[WorkflowStep], Field(min_length=1, max_length=50)]
    needs_context: bool = True
    """Whether it begins only where the conversation's memory can be read."""
    knowledge: Annotated[list[Path], Field(max_length=50)] = []
    """What its knowledge must hold: `org_metadata.name`, `agencies.civil_registry`."""


class NodeBody(Shape):
    """A node of a pipeline, as an editor draws it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    allowLLM: bool = True  # noqa: N815 — as editors of pipelines name it
    systemPrompt: Prose = ""  # noqa: N815
    status: Literal["draft", "active", "disabled"] = "draft"
    pipelineId: Annotated[str, Field(max_length=100)] = ""  # noqa: N815
    strategy: Annotated[str, Field(max_length=100)] = ""
    actions: Annotated[list[dict[str, Any]], Field(max_length=100)] = []
    variableMapping: Annotated[dict[str, str], Field(max_length=200)] = {}  # noqa: N815


def read(shape: type[Shape], given: Any, *, at: str = "") -> dict[str, Any]:
    """The body that `given` spells, with everything it leaves out; raise DefinitionInvalid with a pointer."""
    plainly = plain(given, at)
    try:
        body = shape.model_validate(plainly).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(f"/{_token(str(part))}" for part in first["loc"])
        raise DefinitionInvalid(first["msg"][:300], pointer=f"{at}{place}", errors=error.error_count()) from None
    if len(json.dumps(body, ensure_ascii=False)) > LARGEST_BODY:
        raise DefinitionInvalid(f"A definition has at most {LARGEST_BODY} characters", pointer=at or "/")
    return body


def plain(value: Any, at: str = "", deeper: int = 40) -> Any:
    """The value as JSON columns keep it: texts that are text, numbers that are numbers. Raise DefinitionInvalid."""
    if deeper == 0:
        raise DefinitionInvalid("This is nested too deep", pointer=at)
    match value:
        case str() if NOT_TEXT.search(value):
            raise DefinitionInvalid("This holds a character that is not text", pointer=at)
        case Decimal():
            return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
        case int() if abs(value) > 2**63:
            raise DefinitionInvalid("This number is too large", pointer=at)
        case dict():
            return {
                str(plain(key, at)): plain(one, f"{at}/{_token(str(key))}", deeper - 1) for key, one in value.items()
            }
        case list() | tuple():
            return [plain(one, f"{at}/{place}", deeper - 1) for place, one in enumerate(value)]
        case _:
            return value


def _token(part: str) -> str:
    return part[:64].replace("~", "~0").replace("/", "~1")
