"""Workflows for tests: the bundle that Nexus is shipped with, filed and carried out in this process."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from apps.workflows import archive, bringing, bundles, starting
from apps.workflows.models import (
    Change,
    Chat,
    ChatEntry,
    Execution,
    KnowledgeSnapshot,
    PipelineNode,
    StageDefinition,
    ToolDefinition,
    WorkflowDefinition,
)
from nexus import engine
from tests.support import runs, stories
from tests.support.people import Person
from workorders.models import Project, WorkOrder
from workorders.offers import Wish

ASKED = "How do I renew my identity card?"
APPLY = "/api/workflows/apply"
JUDGES = "Decide whether the person asks"
DETECTS = "Say which agencies are responsible"
ANALYSES = "The request concerns several agencies"
SELECTS = "Choose the service, and fill"
ANSWERS = "Answer for all agencies"
"""Words of the sample's prompts: by them a script finds its stage."""


def brought(project: Project | None = None, data: bytes | None = None) -> WorkflowDefinition:
    """The sample in a project, or another bundle."""
    bundle = bundles.read(archive.texts(bringing.sample() if data is None else data))
    with transaction.atomic():
        return bringing.bring_in(bundle, project=project or stories.a_project(), actor="tests").workflow


def changed_sample(**files: str) -> bytes:
    """The sample with other files in place of its own: `manifest_yaml="…"` is manifest.yaml."""
    texts = archive.texts(bringing.sample())
    by_name = {path.replace("/", "__").replace(".", "_").replace("-", "_"): path for path in texts}
    return archive.packed({**texts, **{by_name[name]: text for name, text in files.items()}})


def begun(text: str = ASKED, *, project: Project | None = None, name: str = "rise", **given: Any) -> WorkOrder:
    """An order for a workflow, filed."""
    conversation = given.pop("conversation", "")
    with transaction.atomic():
        return starting.begin(
            project=project or stories.a_project(), name=name, text=text, wish=Wish(conversation=conversation), **given
        )


def carried_out(order: WorkOrder) -> engine.Run:
    """Its run after everything that can be done now was done."""
    return runs.work(stories.run_of(order))


def applied(person: Person, text: str = ASKED, **given: Any) -> Any:
    """The answer of `apply` once the order has come to rest: asked, carried out, asked again under the same key."""
    body = {"workflow": "rise", "text": text, "wait_seconds": 0, **given}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = person.post(APPLY, body, **key)
    if first.status_code != 202:
        return first
    order = WorkOrder.objects.get(public_id=first.json()["order"])
    carried_out(order)
    return person.post(APPLY, body, **key)


def imported(person: Person, data: bytes) -> Any:
    """The answer to a bundle."""
    return person.client.post("/api/workflows/import", {"file": SimpleUploadedFile("bundle.zip", data)})


def told(order: WorkOrder, kind: str) -> list[dict[str, Any]]:
    """What its feed says of this kind."""
    return [event.data for event in engine.events.of(order.run_id) if event.kind == kind]


def order_of(answer: Any) -> WorkOrder:
    """The order that an answer is about."""
    return WorkOrder.objects.get(public_id=answer.json()["order"])


def some_of_everything(order: WorkOrder) -> None:
    """A row of each table that the Board looks at, for one order."""
    project, key = order.project, order.public_id
    for model in (WorkflowDefinition, StageDefinition, ToolDefinition, PipelineNode):
        named = {"public_id": f"node-{key}"} if model is PipelineNode else {}
        model.objects.create(project=project, key=key, body={"id": key}, **named)
    Change.objects.create(project=project, kind="stage", key=key, action="created", new_version=1, body={})
    KnowledgeSnapshot.objects.create(project=project, workflow=key, payload={}, checksum="sha256::0")
    chat = Chat.objects.create(project=project, chat_id=f"{project.pk}:{key}")
    ChatEntry.objects.create(chat=chat, order=key, speaker="user", text="Hello")


def echoed(order: WorkOrder, stage: str, **answer: Any) -> dict[str, Any]:
    """An answer of a stage with what it has to echo."""
    from uuid import NAMESPACE_URL, uuid5

    execution = Execution.objects.get(order=order)
    return {
        "stage": stage, "stageStatus": "ok", "session_id": execution.session_id,
        "response_id": f"resp-{uuid5(NAMESPACE_URL, f'{order.public_id}/{stage}')}", "telemetry": {"notes": "-"},
        **answer,
    }  # fmt: skip
