"""The doors of apps/workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.people import Cast

from . import SECRET, Door, lists, own, shared

CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
GIVEN: dict[str, dict[str, Any]] = {
    "tool": {"id": "look", "description": SECRET},
    "stage": {"id": "answer", "prompt": SECRET, "contract": CLOSED},
    "workflow": {"id": "desk", "description": SECRET, "stages": [{"stage": "answer"}], "needs_context": False},
    "node": {"name": "Draw", "systemPrompt": SECRET},
}


def _defined(kind: str) -> Callable[[Cast], Mapping[str, object]]:
    def made(cast: Cast) -> Mapping[str, object]:
        """One of Alice's."""
        from django.db import transaction

        from apps.workflows import changing

        with transaction.atomic():
            if kind == "workflow":
                changing.put(changing.STAGE, project=cast.acme, given=GIVEN["stage"], actor="alice")
            one = changing.put(changing.KINDS[kind], project=cast.acme, given=GIVEN[kind], actor="alice")
        return {"ref": getattr(one, "public_id", one.key)}

    return made


a_tool, a_stage, a_workflow, a_node = (_defined(kind) for kind in GIVEN)


def a_known_workflow(cast: Cast) -> Mapping[str, object]:
    """A workflow of Alice's that knows something."""
    from django.db import transaction

    from apps.workflows import knowledge

    parts = a_workflow(cast)
    index = f"org_metadata:\n  name: {SECRET}\nagencies: []\n"
    with transaction.atomic():
        knowledge.keep_files(project=cast.acme, workflow="desk", files={knowledge.INDEX: index})
        knowledge.refresh(project=cast.acme, workflow="desk")
    return parts


def a_run(cast: Cast) -> Mapping[str, object]:
    """An order of Alice's that a workflow carries out."""
    from django.db import transaction

    from apps.workflows import starting, telemetry
    from nexus import engine
    from workorders.offers import Wish

    a_workflow(cast)
    with transaction.atomic():
        order = starting.begin(project=cast.acme, name="desk", text=SECRET, wish=Wish())
        engine.tell(run_id=order.run_id, kind=telemetry.STAGE_START, data={"user_input": {"raw": SECRET}})
    return {"public_id": order.public_id}


KNOWLEDGE = {"path": "KnowledgeBase_index.yaml", "text": "agencies: []\n"}
ASKED = {"workflow": "desk", "text": "x", "project": "acme"}
ONE = "<definition:ref>"

DOORS: dict[str, Door] = {
    "api/tools": lists(says={**GIVEN["tool"], "description": "x"}, own=True),
    f"api/tools/{ONE}": own(a_tool, says=GIVEN["tool"]),
    "api/stages": lists(says={**GIVEN["stage"], "prompt": "x"}, own=True),
    f"api/stages/{ONE}": own(a_stage, says=GIVEN["stage"]),
    "api/workflows": lists(says={**GIVEN["workflow"], "description": "x"}, own=True),
    f"api/workflows/{ONE}": own(a_workflow, says=GIVEN["workflow"]),
    "api/pipeline-nodes": lists(says={**GIVEN["node"], "systemPrompt": "x"}, own=True),
    f"api/pipeline-nodes/{ONE}": own(a_node, says=GIVEN["node"]),
    "api/workflows/import": shared(),
    "api/workflows/apply": lists(says=ASKED, committed=True),
    "api/workflows/simulate": lists(says=ASKED),
    "api/workflows/telemetry": lists(),
    "api/workflows/telemetry.jsonl": lists(),
    "api/workflows/changes": lists(),
    "api/workflows/runs/<order:public_id>": own(a_run),
    f"api/workflows/{ONE}/export": own(a_workflow),
    f"api/workflows/{ONE}/knowledge": own(a_known_workflow, says=KNOWLEDGE),
    f"api/workflows/{ONE}/knowledge/refresh": own(a_known_workflow),
}
