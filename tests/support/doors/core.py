"""The doors of apps/api, apps/live and apps/metrics."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from agents import roles
from agents.attachments import keeping
from billing import ledger, pricebook
from billing.prices import Usage
from nexus import engine
from tests.support.gates import asked
from tests.support.people import Cast
from tests.support.runs import spec, work
from workorders.models import Deliverable, WorkOrder

from . import SECRET, Door, board, guarded, lists, own, public, shared

ORDER = "api/v2/work-orders/<order:public_id>"
SESSION = "api/v2/sessions/<session:session_id>"
FILE = "api/v2/attachments/<attachment:public_id>"


def an_order(cast: Cast) -> Mapping[str, object]:
    """An order of Alice's."""
    return {"public_id": cast.alice.files(f"Compare {SECRET} with two other brokers")}


def a_deliverable(cast: Cast) -> Mapping[str, object]:
    """An order of Alice's that has delivered something."""
    made = an_order(cast)
    order = WorkOrder.objects.get(public_id=made["public_id"])
    Deliverable.objects.create(order=order, name="out.md", body=SECRET, sha256="0" * 64)
    return made


def a_cost(cast: Cast) -> Mapping[str, object]:
    """Something that Alice's project has paid for."""
    made = an_order(cast)
    order = WorkOrder.objects.get(public_id=made["public_id"])
    task = engine.tasks.filter(run_id=order.run_id).earliest("pk")
    pricebook.install()
    price = pricebook.price_of("anthropic", "claude-haiku-5-5", timezone.now(), 10)
    with transaction.atomic():
        ledger.charge(
            request_id=uuid4(), amount=Decimal("0.0123"), quality="reported", price_id=price.pk, provider="anthropic",
            model="claude-haiku-5-5", role=SECRET, project=str(cast.acme.pk), order=order.public_id,
            run_id=order.run_id, task_id=task.pk, task_key=task.key, usage=Usage(input_tokens=10, output_tokens=5),
        )  # fmt: skip
    return made


def a_session(cast: Cast) -> Mapping[str, object]:
    """A conversation of Alice's."""
    roles.install()
    answer = cast.alice.post("/api/v2/sessions", {"display_name": SECRET})
    assert answer.status_code == 201, answer.content
    return {"session_id": answer.json()["data"]["session_id"]}


def a_file(cast: Cast) -> Mapping[str, object]:
    """A document of Alice's."""
    kept = keeping.keep(project=str(cast.acme.pk), name=f"{SECRET}.txt", data=f"About {SECRET}.\n".encode())
    return {"public_id": kept.public_id}


def an_approval(cast: Cast) -> Mapping[str, object]:
    """Something that people of Alice's project have to decide."""
    tasks = [spec("one", "test.proposes", input={"gate": {"message": SECRET}}), spec("two", after=("one",))]
    approval = asked(run=engine.submit(tenant=str(cast.acme.pk), subject="WO-TEST", tasks=tasks))
    return {"id": approval.pk}


def a_failure(cast: Cast) -> Mapping[str, object]:
    """Something that died in Alice's project."""
    work(engine.submit(tenant=str(cast.acme.pk), subject="WO-TEST", tasks=[spec("bad", "test.fails", max_attempts=1)]))
    (group,) = cast.alice.get("/api/v2/dead-letters").json()["results"]
    return {"fingerprint": group["fingerprint"]}


def a_key(cast: Cast) -> Mapping[str, object]:
    """A key of Alice's."""
    answer = cast.alice.post("/api/v2/api-keys", {"name": SECRET})
    assert answer.status_code == 201, answer.content
    return {"key_id": answer.json()["id"]}


def a_team(cast: Cast) -> Mapping[str, object]:
    """Alice's project, and Bob in it."""
    return {"project": cast.acme.slug, "username": "bob"}


TEMPLATE = {"message": f"Look at {SECRET}"}


def a_schedule(cast: Cast) -> Mapping[str, object]:
    """A schedule of Alice's."""
    asked = {"name": SECRET, "cron": "@daily", "order": TEMPLATE, "project": "acme"}
    answer = cast.alice.post("/api/v2/schedules", asked)
    assert answer.status_code == 201, answer.content
    return {"schedule_id": answer.json()["id"]}


def an_inlet(cast: Cast) -> Mapping[str, object]:
    """An inlet of Alice's."""
    answer = cast.alice.post("/api/v2/inlets", {"name": SECRET, "order": TEMPLATE, "project": "acme"})
    assert answer.status_code == 201, answer.content
    return {"inlet_id": answer.json()["id"]}


MOVES: dict[str, dict[str, str]] = {
    "cancel": {}, "pause": {}, "escalate": {}, "resume": {}, "release": {}, "redrive": {},
    "answer": {"text": "PostgreSQL"},
}  # fmt: skip

DOORS: dict[str, Door] = {
    "healthz": public(),
    "readyz": public(),
    "api/schema": public(),
    "api/docs": public(),
    "i18n/setlang/": public(),
    "metrics": board(methods=("get",)),
    "api/v2/work-orders": lists(says={"message": "x", "project": "acme"}),
    ORDER: own(an_order),
    f"{ORDER}/events": own(an_order, methods=("get",), committed=True),
    **{f"{ORDER}/{move}": own(an_order, says=says) for move, says in MOVES.items()},
    f"{ORDER}/deliverable": own(a_deliverable),
    f"{ORDER}/canvases": own(an_order),
    f"{ORDER}/ledger": own(an_order),
    f"{ORDER}/budget": own(an_order),
    "api/v2/sessions": lists(says={"project": "acme"}),
    SESSION: own(a_session),
    f"{SESSION}/messages": own(a_session, says={"content": "x"}),
    f"{SESSION}/stream": own(a_session, says={"content": "x"}, methods=("get", "post"), committed=True),
    "api/v2/agents/<slug:agent_id>/sessions": lists(says={"project": "acme"}),
    "api/v2/attachments": shared(),
    FILE: own(a_file),
    f"{FILE}/content": own(a_file),
    "api/v2/api-keys": lists(says={"name": "x", "project": "acme"}),
    "api/v2/api-keys/<key:key_id>": own(a_key),
    "api/v2/teams": lists(own=True, says={"project": "other", "name": "x"}),
    "api/v2/teams/<slug:project>/members": own(a_team, says={"username": "charlie", "role": "viewer"}),
    "api/v2/teams/<slug:project>/members/<user:username>": own(a_team, says={"role": "viewer"}),
    "api/v2/schedules": lists(says={"name": "x", "cron": "@daily", "order": {"message": "x"}, "project": "acme"}),
    "api/v2/schedules/<schedule:schedule_id>": own(a_schedule, says={"name": "y"}),
    "api/v2/schedules/<schedule:schedule_id>/ticks": own(a_schedule),
    "api/v2/schedules/<schedule:schedule_id>/fire": own(a_schedule),
    "api/v2/inlets": lists(says={"name": "x", "order": {"message": "x"}, "project": "acme"}),
    "api/v2/inlets/<inlet:inlet_id>": own(an_inlet, says={"name": "y"}),
    "api/v2/inlets/<inlet:inlet_id>/rotate": own(an_inlet),
    "api/inlets/<inlet:inlet_id>": guarded(),
    "api/v2/budgets": board(),
    "api/v2/budgets/waiting": board(),
    "api/v2/budgets/<budget:kind>/<scope:key>": board(says={"limit_usd": None}),
    "api/v2/audit": lists(),
    "api/v2/system/status": lists(),
    "api/v2/tools": shared(),
    "api/v2/tools/<tool:name>": shared(),
    "api/v2/costs": lists(),
    "api/v2/costs/totals": lists(),
    "api/v2/costs.csv": lists(),
    "api/v2/quotes": lists(says={"message": "x"}, own=True),
    "api/v2/approvals": lists(query="whose=anybody"),
    "api/v2/approvals/<int:id>": own(an_approval, committed=True),
    "api/v2/approvals/<int:id>/decide": own(
        an_approval, says={"decision": "approve", "hash": "0" * 64}, committed=True
    ),
    "api/v2/dead-letters": lists(),
    "api/v2/dead-letters/<str:fingerprint>": own(a_failure, committed=True),
    "api/v2/dead-letters/<str:fingerprint>/redrive": own(a_failure, committed=True),
}
