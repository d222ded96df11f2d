"""Tools, stages, workflows and nodes over HTTP: versions, conflicts, what is refused; bundles in and out."""

from __future__ import annotations

import hashlib
import json

import pytest

from apps.workflows import archive, bringing
from apps.workflows.models import Change, PipelineNode, StageDefinition, WorkflowDefinition
from tests.support import workflows
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db

CLOSED = {"type": "object", "additionalProperties": False, "properties": {}}
STAGE = {"id": "answer", "prompt": "Answer.", "contract": CLOSED}
NODE = {
    "name": "Detect", "allowLLM": True, "systemPrompt": "Say whose it is.", "pipelineId": "desk", "strategy": "first",
    "actions": [{"type": "call"}], "variableMapping": {"text": "input.user_prompt"},
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def put(person, path, body, method="put", **headers):
    return getattr(person.client, method)(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_node_is_made_read_changed_and_listed_with_all_its_fields(cast):
    made = cast.alice.post("/api/pipeline-nodes", NODE)
    at = f"/api/pipeline-nodes/{made.json()['id']}"

    assert (made.status_code, made.json()["status"], made.json()["version"]) == (201, "draft", 1)
    assert made.headers["Location"] == at
    assert {name: made.json()[name] for name in NODE} == NODE
    changed = put(cast.bob, at, {"status": "active"}, method="patch")
    assert (changed.json()["version"], changed.json()["status"], changed.json()["updated_by"]) == (2, "active", "bob")
    assert changed.json()["systemPrompt"] == NODE["systemPrompt"]
    assert cast.alice.get(at).json() == changed.json()
    listed = cast.bob.get("/api/pipeline-nodes?pipelineId=desk").json()["results"]
    assert listed == [changed.json()]
    assert cast.bob.get("/api/pipeline-nodes?pipelineId=other").json()["results"] == []


def test_given_a_node_is_deleted_and_one_of_its_name_is_made_then_only_the_new_one_is_there_as_version_1(cast):
    first = cast.alice.post("/api/pipeline-nodes", NODE).json()
    put(cast.alice, f"/api/pipeline-nodes/{first['id']}", {**NODE, "strategy": "last"})
    assert cast.alice.client.delete(f"/api/pipeline-nodes/{first['id']}").status_code == 204

    second = cast.alice.post("/api/pipeline-nodes", NODE).json()

    assert cast.alice.get("/api/pipeline-nodes").json()["results"] == [second]
    assert (second["version"], PipelineNode.objects.count()) == (1, 1)
    assert second["id"] != first["id"]


def test_every_change_is_kept_with_both_versions_and_the_hash_of_its_prompt(cast):
    cast.alice.post("/api/stages", STAGE)
    put(cast.bob, "/api/stages/answer", {**STAGE, "prompt": "Answer briefly."})
    cast.alice.client.delete("/api/stages/answer")

    deleted, updated, created = cast.bob.get("/api/workflows/changes?kind=stage&id=answer").json()["results"]

    assert [(one["action"], one["old_version"], one["new_version"]) for one in (created, updated, deleted)] == [
        ("created", None, 1), ("updated", 1, 2), ("deleted", 2, None),
    ]  # fmt: skip
    assert updated["prompt_sha256"] == hashlib.sha256(b"Answer briefly.").hexdigest()
    assert (updated["actor"], created["body"]["prompt"]) == ("bob", "Answer.")
    assert cast.charlie.get("/api/workflows/changes").json()["results"] == []


def test_a_name_that_is_taken_is_a_conflict_in_its_project_alone(cast):
    assert cast.alice.post("/api/stages", STAGE).status_code == 201
    again = cast.bob.post("/api/stages", STAGE)

    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    assert cast.charlie.post("/api/stages", STAGE).status_code == 201
    node = cast.alice.post("/api/pipeline-nodes", NODE).json()
    cast.alice.post("/api/pipeline-nodes", {**NODE, "name": "Other"})
    renamed = put(cast.alice, f"/api/pipeline-nodes/{node['id']}", {**NODE, "name": "Other"})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "name_taken")


def test_who_has_read_an_older_version_does_not_write_over_a_newer_one(cast):
    made = cast.alice.post("/api/stages", STAGE)
    tag = cast.alice.get("/api/stages/answer").headers["ETag"]
    assert made.headers["ETag"] == tag
    first = put(cast.alice, "/api/stages/answer", {**STAGE, "title": "A"}, **{"If-Match": tag})

    late = put(cast.bob, "/api/stages/answer", {**STAGE, "title": "B"}, **{"If-Match": tag})

    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert (late.status_code, late.json()["code"], late.json()["current"]) == (412, "version_passed", 2)
    assert cast.bob.client.delete("/api/stages/answer", headers={"If-Match": tag}).status_code == 412
    assert put(cast.bob, "/api/stages/answer", STAGE, **{"If-Match": "soon"}).status_code == 400
    same = put(cast.bob, "/api/stages/answer", {**STAGE, "title": "A"})
    assert same.json()["version"] == 2, "what is so already keeps its version"


def test_given_tools_or_stages_are_missing_when_a_workflow_is_saved_then_422_lists_their_ids(cast):
    cast.alice.post("/api/stages", {**STAGE, "tools": ["finder", "keeper"]})

    answer = cast.alice.post(
        "/api/workflows", {"id": "desk", "stages": [{"stage": "answer"}, {"stage": "more"}, {"stage": "most"}]}
    )

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "workflow_invalid")
    assert problem["missing_stages"] == ["more", "most"]
    assert problem["missing_tools"] == ["finder", "keeper"]
    assert not WorkflowDefinition.objects.exists()


def test_stages_that_repeat_or_go_round_are_refused(cast):
    """Failure mode: repeated or circular stages."""
    for name in ("one", "two"):
        cast.alice.post("/api/stages", {**STAGE, "id": name})
    circle = [{"stage": "one", "routes": [{"to": "two"}]}, {"stage": "two", "routes": [{"to": "one"}]}]

    round_ = cast.alice.post("/api/workflows", {"id": "desk", "stages": circle})
    twice = cast.alice.post("/api/workflows", {"id": "desk", "stages": [{"stage": "one"}, {"stage": "one"}]})

    assert (round_.status_code, set(round_.json()["cycle"])) == (422, {"one", "two"})
    assert (twice.status_code, twice.json()["repeated_stages"]) == (422, ["one"])


def test_given_a_bundle_is_imported_then_its_version_is_answered_and_its_details_can_be_read(cast):
    answer = workflows.imported(cast.alice, bringing.sample())

    said = answer.json()
    assert (answer.status_code, said["id"], said["version"]) == (201, "rise", 1)
    assert len(said["stages"]) == 7
    assert said["knowledge"]["missing"] == []
    detail = cast.bob.get(said["url"]).json()
    assert (detail["version"], len(detail["stages"])) == (1, 7)
    assert cast.bob.get("/api/stages/judgement_v1").json()["contract"]["anyOf"]
    assert cast.charlie.get(said["url"]).status_code == 404
    again = workflows.imported(cast.bob, bringing.sample())
    assert (again.json()["version"], Change.objects.count()) == (1, 9), "the same again changes nothing"
    manifest = archive.texts(bringing.sample())["manifest.yaml"].replace("City services desk", "Desk")
    newer = workflows.imported(cast.bob, workflows.changed_sample(manifest_yaml=manifest))
    assert newer.json()["version"] == 2


def test_what_is_exported_imports_to_the_same(cast):
    workflows.imported(cast.alice, bringing.sample())
    before = list(StageDefinition.objects.order_by("key").values_list("key", "body"))

    exported = cast.bob.get("/api/workflows/rise/export")
    moved = workflows.imported(cast.charlie, exported.content)

    assert exported.headers["Content-Type"] == "application/zip"
    assert moved.status_code == 201
    there = StageDefinition.objects.filter(project=cast.umbra).order_by("key").values_list("key", "body")
    assert list(there) == before
    assert cast.charlie.get("/api/workflows/rise/export").content == exported.content
    checksum = [one.get("/api/workflows/rise/knowledge").json()["checksum"] for one in (cast.alice, cast.charlie)]
    assert checksum[0] == checksum[1]


def test_a_bundle_that_cannot_be_taken_writes_nothing(cast):
    files = archive.texts(bringing.sample())
    files["stages/judgement_v1.yaml"] += "surprise: 1\n"

    answer = workflows.imported(cast.alice, archive.packed(files))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/stages/judgement_v1.yaml/surprise")
    assert not StageDefinition.objects.exists()
    assert workflows.imported(cast.alice, b"PK no zip").json()["code"] == "bundle_refused"
    assert cast.alice.post("/api/workflows/import", {}).status_code == 415


BAD = [
    {"id": "a b"}, {"id": "x", "contract": {}}, {"id": "x", "contract": {"type": "object"}}, {**STAGE, "tools": "all"},
    {**STAGE, "unknown": 1}, {**STAGE, "repair_attempts": 4}, {**STAGE, "prompt": 3},
    {**STAGE, "prompt": "x" * 100_001},
    {**STAGE, "contract": {"type": "string", "pattern": "(a+)+$"}}, {**STAGE, "contract": {"$ref": "http://x.example/"}},
    {**STAGE, "contract": {"type": "object", "additionalProperties": False, "properties": {"a": {"$ref": "#/x"}}}},
    {**STAGE, "rules": [{"rule": "guess", "path": "a"}]},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_a_stage_that_cannot_be_kept_is_refused_with_its_place(cast, number):
    answer = cast.alice.post("/api/stages", BAD[number])

    assert (answer.status_code, answer.json()["code"]) == (400, "definition_invalid"), answer.content
    assert answer.json()["errors"][0]["pointer"].startswith("#")
    assert not StageDefinition.objects.exists()


def test_viewers_read_and_do_not_change(cast):
    from apps.accounts.models import Role
    from tests.support.people import a_person

    viewer = a_person("viewer", cast.acme, Role.VIEWER)
    cast.alice.post("/api/stages", STAGE)

    assert viewer.get("/api/stages/answer").status_code == 200
    assert put(viewer, "/api/stages/answer", STAGE).json()["code"] == "read_only_member"
    assert viewer.post("/api/tools", {"id": "x"}).json()["code"] == "read_only_member"
