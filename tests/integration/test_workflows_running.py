"""Workflows carried out by workers in this process: branches, contracts, repairs, tools, memory."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import redis
from django.db import transaction
from django.utils import timezone

from apps.workflows import archive, bringing, bundles, changing, memory, telemetry
from apps.workflows.models import Chat, ChatEntry, ToolDefinition
from nexus import engine
from tests.support import runs, stories, workflows
from workorders import offers
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(valkey_flushed):
    with stories.models_answered() as sandbox:
        yield sandbox


def reply_of(order):
    return Deliverable.objects.get(order=order).body


def stages_done(order):
    return [task.key for task in engine.tasks.of(order.run_id).filter(type="workflow.stage", state="completed")]


def test_every_stage_is_told_from_its_start_to_its_end(sandbox):
    workflows.brought()
    order = workflows.begun("My token is sk-ant-REDACTED, renew my card?")

    assert workflows.carried_out(order).state == "completed"

    started, ended = (workflows.told(order, kind) for kind in (telemetry.STAGE_START, telemetry.STAGE_END))
    stages = ["base_system", "judgement_v1", "agency_detect_v1", "category_select_v1", "service_select_v1"]
    assert [one["stage_id"] for one in started] == [one["stage_id"] for one in ended] == stages
    for one in ended[1:]:
        assert one["result"]["schema_valid"] is True
        assert one["cost"]["model"].startswith("claude")
        assert one["performance"]["token_out"] > 0
    assert ended[-1]["state_diff"]["new"]["serviceSelection"]["serviceKey"]
    assert 300 < len(started[1]["prompt"]["body_preview"]) <= 400
    assert "user_input.raw" in started[1]["sensitive"]
    assert "sk-ant-" not in json.dumps(started)
    (summary,) = workflows.told(order, telemetry.BRIDGE)
    assert summary["tokens_total"] == summary["token_in"] + summary["token_out"] > 0
    assert [one["op"] for one in workflows.told(order, telemetry.CACHE)] == ["load", "save"]


def test_a_hard_request_takes_the_way_of_several_agencies(sandbox):
    workflows.brought()
    order = workflows.begun("I am moving here with a car")
    agencies = [{"agency_id": "civil_registry", "why": "address"}, {"agency_id": "transport_office", "why": "car"}]
    detected = {"agencyDetected": True, "agencyInfo": agencies, "agencyCount": 2, "complexity": "high"}
    steps = {"assistantReply": None, "nextStep": "semantic_analysis_v1"}
    sandbox.script(
        match={"contains": workflows.DETECTS}, data=workflows.echoed(order, "agency_detect_v1", **detected, **steps)
    )
    chosen = {"serviceKey": "address_registration", "name": "x", "path": "/x", "matchedField": "name", "score": 0.75}
    more = {"template": {"placeholders": [], "rules": []}, "nextStep": "multi_agency_service_answer_v1"}
    selected = {"serviceSelection": chosen, "assistantReply": None, **more}
    sandbox.script(match={"contains": workflows.SELECTS}, data=workflows.echoed(order, "service_select_v1", **selected))
    last = {"sourcesUsed": ["civil_registry"], "assistantReply": "First the registry.", "nextStep": "session_end"}
    sandbox.script(
        match={"contains": [workflows.ANSWERS, "What the tools have found"]},
        data=workflows.echoed(order, "multi_agency_service_answer_v1", **last),
    )

    assert workflows.carried_out(order).state == "completed"

    way = ["semantic_analysis_v1", "service_select_v1", "multi_agency_service_answer_v1"]
    assert stages_done(order)[-3:] == way
    assert "category_select_v1" not in stages_done(order)
    assert reply_of(order) == "First the registry."


def test_what_is_no_question_ends_with_the_first_answer(sandbox):
    workflows.brought()
    order = workflows.begun("Good morning")
    said = {"judgements": {"inquiry": False}, "assistantReply": "Good morning!", "nextStep": "session_end"}
    sandbox.script(match={"contains": workflows.JUDGES}, data=workflows.echoed(order, "judgement_v1", **said))

    assert workflows.carried_out(order).state == "completed"

    assert (reply_of(order), sandbox.count()) == ("Good morning!", 1)
    assert Chat.objects.get().cached_state["inquiry"] is False


def test_a_next_step_that_the_answer_does_not_lead_to_breaks_the_contract(sandbox):
    contract = json.dumps({
        "type": "object", "additionalProperties": False, "required": ["judgements", "nextStep"],
        "properties": {
            "judgements": {
                "type": "object", "additionalProperties": False, "properties": {"inquiry": {"type": "boolean"}},
            },
            "nextStep": {"type": "string"},
        },
    })  # fmt: skip
    workflows.brought(data=workflows.changed_sample(contracts__judgement_v1_json=contract))
    order = workflows.begun(patient=False)
    answer = {"judgements": {"inquiry": True}, "nextStep": "session_end"}
    sandbox.script(match={"contains": workflows.JUDGES}, data=answer)

    assert workflows.carried_out(order).state == "failed"

    (invalid,) = workflows.told(order, telemetry.INVALID)
    assert invalid["validation_error_path"] == "$.nextStep"


@pytest.mark.parametrize(("attempts", "state", "requests"), [(0, "failed", 1), (1, "failed", 2), (2, "completed", 6)])
def test_an_answer_is_mended_as_often_as_its_stage_allows_and_each_time_is_paid(sandbox, attempts, state, requests):
    stage = bundles.read(archive.texts(bringing.sample())).stages["judgement_v1"]
    project = stories.a_project()
    workflows.brought(project)
    with transaction.atomic():
        changing.put(changing.STAGE, project=project, given={**stage, "repair_attempts": attempts}, actor="tests")
    order = workflows.begun(patient=False)
    sandbox.script(times=2, match={"contains": workflows.JUDGES}, data={"judgements": {"inquiry": "perhaps"}})

    assert workflows.carried_out(order).state == state

    assert sandbox.count() == requests
    judged = next(one for one in workflows.told(order, telemetry.STAGE_END) if one["stage_id"] == "judgement_v1")
    assert judged["cost"]["requests"] == min(attempts + 1, 3)
    assert judged["result"]["annotations"]
    repairs = [one for one in workflows.told(order, telemetry.GUARD) if one["action"] == "repair"]
    assert len(repairs) == attempts


def test_a_patient_order_waits_for_people_when_a_contract_is_broken(sandbox):
    workflows.brought()
    order = workflows.begun()
    sandbox.script(match={"contains": workflows.JUDGES}, data={"judgements": {}})

    assert workflows.carried_out(order).state == "open"
    assert stories.status_of(order) == "blocked"

    engine.redrive(task_id=stories.task_of(order, "judgement_v1").pk, actor="board")
    # What was answered is not bought again: it is as wrong as before, until the stage is another.
    assert workflows.carried_out(order).state == "open"
    assert sandbox.count() == 1


def test_a_conversation_is_remembered_by_redis_and_by_postgres(sandbox, redis_url):
    project = workflows.brought().project
    earlier = Chat.objects.create(project=project, chat_id=f"{project.pk}:desk")
    ChatEntry.objects.bulk_create(
        ChatEntry(chat=earlier, order=f"WO-{number}", speaker=speaker, text=f"{speaker} {number}")
        for number in range(11)
        for speaker in ("user", "assistant")
    )
    order = workflows.begun("The twelfth question: how do I renew my card?", conversation="desk")
    assert workflows.carried_out(order).state == "completed"

    chat = Chat.objects.get()
    key = f"chat:{chat.chat_id}:summary"
    with redis.Redis.from_url(redis_url) as client:
        kept = [json.loads(entry) for entry in client.lrange(key, 0, -1)]
        assert 3500 < client.ttl(key) <= 3600
        client.delete(key)
    assert (len(kept), chat.entries.count()) == (20, 24)
    assert [kept[0]["text"], kept[-2]["text"]] == ["user 2", "The twelfth question: how do I renew my card?"]
    again, hit = memory.recall(chat.chat_id)
    assert (again, hit) == (kept, False), "what Redis has lost, Postgres has"
    assert set(chat.cached_state) == {
        "session_id", "response_id", "user_prompt", "inquiry", "stages", "nextStep", "guard", "latest_response_id",
    }  # fmt: skip
    assert chat.cached_state["user_prompt"] == "The twelfth question: how do I renew my card?"
    assert chat.cached_state["nextStep"] == "session_end"


def test_what_was_said_before_is_told_to_the_model_until_it_begins_anew(sandbox):
    workflows.brought()
    workflows.carried_out(workflows.begun("My name is Quagga, renew my card?", conversation="desk"))
    second = workflows.begun("And my passport?", conversation="desk")
    workflows.carried_out(second)
    anew = workflows.begun("And my passport?", conversation="desk", anew=True)
    workflows.carried_out(anew)

    assert "Quagga" in workflows.told(second, telemetry.STAGE_START)[1]["prompt"]["system"]
    assert "Quagga" not in workflows.told(anew, telemetry.STAGE_START)[1]["prompt"]["system"]
    assert [one["op"] for one in workflows.told(anew, telemetry.CACHE)] == ["reset", "save"]
    assert len(memory.last_entries(Chat.objects.get().chat_id)) == 2


def test_knowledge_is_copied_to_redis_with_its_checksum(sandbox, redis_url):
    row = workflows.brought()
    workflows.carried_out(workflows.begun())

    with redis.Redis.from_url(redis_url) as client:
        copied = json.loads(client.hget("rise:kb", f"{row.project_id}/rise"))
    assert copied["checksum"].startswith("sha256::")
    assert set(copied["agencies"]) == {"civil_registry", "transport_office", "tax_office"}


def test_a_session_that_dies_before_redis_was_written_is_written_once_by_the_next(sandbox, settings):
    workflows.brought()
    order = workflows.begun(conversation="desk")
    run = stories.run_of(order)
    url = settings.REDIS_URL
    close = None
    while close is None:
        runs.work(run, most=1)
        close = engine.tasks.of(run.pk).filter(key="close", state="ready").first()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    runs.work(run, most=1)
    close.refresh_from_db()
    assert (close.state, close.wait["code"]) == ("pending", "REDIS_UNAVAILABLE")

    settings.REDIS_URL = url
    engine.tasks.filter(pk=close.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    assert runs.work(run).state == "completed"

    assert Chat.objects.get().entries.count() == 2
    assert Deliverable.objects.filter(order=order).count() == 1


def test_a_tool_that_is_not_there_is_told_by_its_id(sandbox):
    """Failure mode: a stage names a tool that was deleted after the workflow was saved."""
    stage = {
        "id": "look", "tools": ["finder"], "prompt": "{{input.user_prompt}}",
        "contract": {"type": "object", "additionalProperties": False, "properties": {}},
    }  # fmt: skip
    project = stories.a_project()
    with transaction.atomic():
        changing.create(changing.TOOL, project=project, given={"id": "finder"}, actor="tests")
        changing.create(changing.STAGE, project=project, given=stage, actor="tests")
        changing.create(
            changing.WORKFLOW, project=project, given={"id": "find", "stages": [{"stage": "look"}]}, actor="tests"
        )
        changing.delete(changing.TOOL, ToolDefinition.objects.get(), actor="tests")
    order = workflows.begun(name="find", patient=False)

    assert workflows.carried_out(order).state == "failed"

    (ended,) = workflows.told(order, telemetry.STAGE_END)
    assert (ended["missing_tool_id"], ended["error"]) == ("finder", "stage_tool_not_found")
    assert (stories.task_of(order, "look").error["code"], sandbox.count()) == ("stage_tool_not_found", 0)


def test_others_file_to_a_workflow_by_its_name_and_get_its_reply(sandbox):
    project = stories.a_project()
    workflows.brought(project)
    assert offers.names(project) == ["rise"]

    with transaction.atomic():
        order = offers.file(project=project, name="rise", text=workflows.ASKED, channel="telegram", requester="ann")

    assert workflows.carried_out(order).state == "completed"
    assert reply_of(order)
    assert (order.channel, order.workflow) == ("telegram", "rise")
