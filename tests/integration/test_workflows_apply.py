"""Workflows over HTTP: applied, simulated, searched; and what is said where something is missing or away."""

from __future__ import annotations

import json

import pytest

from apps.workflows import archive, bringing, telemetry
from apps.workflows.models import Chat
from tests.support import stories, workflows
from tests.support.people import Cast, a_cast
from workorders.models import Deliverable, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(valkey_flushed):
    with stories.models_answered() as sandbox:
        yield sandbox


@pytest.fixture
def cast(sandbox) -> Cast:
    cast = a_cast()
    assert workflows.imported(cast.alice, bringing.sample()).status_code == 201
    return cast


@pytest.mark.parametrize("channel", ["http", "telegram"])
def test_given_an_imported_workflow_when_it_is_asked_then_every_stage_is_done_and_the_models_words_are_the_answer(
    cast, sandbox, channel
):
    if channel == "http":
        answer = workflows.applied(cast.alice)
        assert answer.status_code == 200, answer.content
        said = answer.json()
        order = workflows.order_of(answer)
        assert said["assistantReply"] == Deliverable.objects.get(order=order).body
        assert said["usage"]["output_tokens"] > 0
        assert float(said["usage"]["cost_usd"]) > 0
        assert [one["stage"] for one in said["stages"]][-1] == "service_select_v1"
        assert all(one["schema_valid"] and one["state"] == "completed" for one in said["stages"])
        assert said["sandbox"] is True
    else:
        from django.db import transaction

        from workorders import offers

        with transaction.atomic():
            order = offers.file(project=cast.acme, name="rise", text=workflows.ASKED, channel="telegram")
        assert workflows.carried_out(order).state == "completed"
        assert Deliverable.objects.get(order=order).body
    assert sandbox.count() == 4, "each stage that asks a model has asked one"


def test_given_an_answer_that_breaks_its_contract_when_it_is_checked_then_it_ends_with_500_and_the_place(cast, sandbox):
    assert workflows.applied(cast.alice, conversation="desk").status_code == 200
    before = Chat.objects.get().cached_state
    asked = sandbox.count()
    sandbox.script(match={"contains": workflows.JUDGES}, data={"judgements": {"inquiry": "maybe"}})

    answer = workflows.applied(cast.alice, conversation="desk")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "stage_validation_failed")
    assert problem["validation_error_path"].startswith("$")
    order = workflows.order_of(answer)
    (invalid,) = workflows.told(order, telemetry.INVALID)
    assert invalid["validation_error_path"] == problem["validation_error_path"]
    assert Chat.objects.get().cached_state == before, "the state is untouched"
    assert Chat.objects.get().entries.count() == 2
    assert sandbox.count() == asked + 1, "it ends at once"


def test_given_redis_is_away_when_a_workflow_is_applied_then_503_and_no_model_was_asked(cast, sandbox, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = cast.alice.post(workflows.APPLY, {"workflow": "rise", "text": "x"})

    assert (answer.status_code, answer.json()["code"]) == (503, "REDIS_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert (sandbox.count(), WorkOrder.objects.count()) == (0, 0)


def test_redis_that_goes_away_before_the_session_begins_is_waited_for_and_no_model_is_asked(cast, sandbox, settings):
    """By other doors nobody can be answered 503: the order waits, and says for what."""
    order = workflows.begun(project=cast.acme)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert workflows.carried_out(order).state == "open"

    assert stories.task_of(order, "open").wait["code"] == "REDIS_UNAVAILABLE"
    assert sandbox.count() == 0


@pytest.mark.parametrize("fault", ["timeout", "quota", "rate_limit", "overloaded"])
def test_a_model_that_times_out_or_has_no_quota_left_is_503_with_a_time(cast, sandbox, fault):
    """Failure mode: LLM timeout or quota."""
    sandbox.script(times=None, fault=fault)

    answer = workflows.applied(cast.alice, conversation="desk")

    assert answer.status_code == 503, answer.content
    assert int(answer.headers["Retry-After"]) > 0
    ended = workflows.told(workflows.order_of(answer), telemetry.STAGE_END)[-1]
    assert ended["error"] == answer.json()["code"]
    assert not Chat.objects.exists()


def test_a_patient_order_waits_for_a_model_that_is_away(cast, sandbox):
    sandbox.script(fault="overloaded")

    answer = workflows.applied(cast.alice, patient=True)

    assert answer.status_code == 202
    assert answer.json()["waiting_for"]
    assert answer.json()["look"] == f"/api/workflows/runs/{answer.json()['order']}"


def test_missing_knowledge_blocks_and_names_the_paths(cast, sandbox):
    """Failure mode: knowledge is missing, or is no YAML."""
    files = archive.texts(bringing.sample())
    del files["knowledge/tax_office/tax_office_index.yaml"]
    assert workflows.imported(cast.alice, archive.packed(files)).json()["knowledge"]["missing"] == [
        "tax_office/tax_office_index.yaml"
    ]

    answer = cast.alice.post(workflows.APPLY, {"workflow": "rise", "text": "x"})

    assert (answer.status_code, answer.json()["code"]) == (422, "knowledge_missing")
    assert answer.json()["missing"] == ["tax_office/tax_office_index.yaml", "agencies.tax_office.services"]
    assert (sandbox.count(), WorkOrder.objects.count()) == (0, 0)
    files["knowledge/tax_office/tax_office_index.yaml"] = "agency_id: [unclosed"
    broken = workflows.imported(cast.alice, archive.packed(files))
    assert (broken.status_code, broken.json()["missing"]) == (422, ["tax_office/tax_office_index.yaml"])


def test_knowledge_that_is_mended_is_read_anew(cast):
    before = cast.bob.get("/api/workflows/rise/knowledge").json()
    text = "agency_id: tax_office\nname: Revenue\nservices:\n- key: refund\n"
    put = cast.bob.client.put(
        "/api/workflows/rise/knowledge",
        json.dumps({"path": "tax_office/tax_office_index.yaml", "text": text}), content_type="application/json",
    )  # fmt: skip

    assert put.status_code == 200, put.content
    assert put.json()["agencies"]["tax_office"]["name"] == "Revenue"
    assert put.json()["checksum"] != before["checksum"]
    again = cast.bob.post("/api/workflows/rise/knowledge/refresh").json()
    assert again["checksum"] == put.json()["checksum"]


def test_a_request_under_a_key_that_was_answered_joins_the_same_order(cast, sandbox):
    answer = workflows.applied(cast.alice)
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (200, "true")
    assert WorkOrder.objects.count() == 1
    found = cast.bob.get(answer.json()["look"]).json()
    assert {**found, "telemetry_url": ""} == {**answer.json(), "telemetry_url": ""}


def test_an_order_that_is_not_done_in_time_is_answered_with_where_to_look(cast):
    answer = cast.alice.post(workflows.APPLY, {"workflow": "rise", "text": "x", "wait_seconds": 0})

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["Location"] == answer.json()["look"]


def test_a_simulation_shows_prompts_and_a_quote_and_asks_no_model(cast, sandbox):
    answer = cast.bob.post("/api/workflows/simulate", {"workflow": "rise", "text": "怎么换领身份证？"})

    said = answer.json()
    assert answer.status_code == 200, answer.content
    assert len(said["graph"]) == len(said["prompts"]) == 7
    judged = said["prompts"][1]
    assert "<request>\n怎么换领身份证？\n</request>" in judged["prompt"]
    assert "services desk of a city" in judged["system"]
    assert 0 < float(said["quote"]["usual_usd"]) < float(said["quote"]["most_usd"])
    assert said["knowledge"]["missing"] == []
    assert (sandbox.count(), WorkOrder.objects.count()) == (0, 0)


def test_telemetry_is_found_by_the_request_that_began_it(cast):
    answer = workflows.applied(cast.alice)
    other = workflows.applied(cast.alice)
    request_id = answer.json()["request_id"]
    assert request_id != other.json()["request_id"]

    page = cast.bob.get(f"/api/workflows/telemetry?request_id={request_id}&limit=5").json()
    rest = cast.bob.get(f"/api/workflows/telemetry?request_id={request_id}&after={page['next']}").json()
    lines = cast.bob.get(f"/api/workflows/telemetry.jsonl?request_id={request_id}").content.decode().splitlines()

    found = page["results"] + rest["results"]
    assert [json.loads(line) for line in lines] == found
    assert {one["event_type"] for one in found} == {"StageStart", "StageEnd", "CacheEvent", "BridgeSummary"}
    assert {one["request_id"] for one in found} == {request_id}
    assert cast.charlie.get(f"/api/workflows/telemetry?request_id={request_id}").json()["results"] == []


def test_an_order_may_name_a_workflow_and_is_carried_out_by_it(cast):
    asked = {"message": workflows.ASKED, "workflow": "rise", "project": "acme"}
    filed = cast.alice.post("/api/v2/work-orders", asked)

    assert (filed.status_code, [task["key"] for task in filed.json()["tasks"]]) == (201, ["open"])
    assert cast.alice.post("/api/v2/work-orders", {**asked, "workflow": "none"}).json()["code"] == "unknown_workflow"
    assert cast.alice.post("/api/v2/work-orders", {**asked, "acceptance": ["x"]}).json()["code"] == "order_invalid"
    order = WorkOrder.objects.get(public_id=filed.json()["id"])
    assert workflows.carried_out(order).state == "completed"
    assert cast.bob.get(f"/api/v2/work-orders/{order.public_id}").json()["deliverable"]["text"]


BAD = [
    {}, {"workflow": "rise"}, {"workflow": "rise", "text": ""}, {"workflow": 3, "text": "x"},
    {"workflow": "rise", "text": "x", "wait_seconds": 61}, {"workflow": "rise", "text": "x", "patient": "yes"},
    {"workflow": "rise", "text": "x", "conversation": "a b"}, {"workflow": "rise", "text": "x", "more": 1},
    {"workflow": "rise", "text": "x", "priority": 11}, {"workflow": "rise", "text": "x", "budget_usd": "-1"},
]  # fmt: skip


def test_what_cannot_be_asked_is_refused_and_nothing_is_written(cast, sandbox):
    for body in BAD:
        assert cast.alice.post(workflows.APPLY, body).status_code == 400, body
    assert cast.alice.post(workflows.APPLY, b'{"workflow": "rise", "text": "\\u0000"}').status_code == 400
    assert cast.alice.post(workflows.APPLY, {"workflow": "none", "text": "x"}).status_code == 404
    assert (sandbox.count(), WorkOrder.objects.count()) == (0, 0)
