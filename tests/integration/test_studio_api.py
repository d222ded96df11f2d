"""Events over HTTP: kept once, mapped, refused, kept while a film is paused; the map; films of others."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.accounts.models import Membership, Role, User
from apps.studio.events import TYPES
from apps.studio.models import EventMapping, Film, FilmEvent
from nexus import engine
from tests.support import films
from tests.support.people import Cast, a_cast, a_person

pytestmark = pytest.mark.django_db

MAPPINGS = "/api/v2/event-mappings"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def film(cast) -> Film:
    return films.begun(cast.alice)


def test_an_event_makes_its_task_with_the_named_fields(cast, film):
    told = {"shot_id": "shot-09", "shot_spec": {"description": "a dog"}, "mood": "warm"}
    answer = films.tell(cast.bob, "KEYFRAME_REQUESTED", told, causation_id="EV-20260217-0000abcd").json()

    assert re.fullmatch(r"EV-\d{8}-[0-9a-f]{8}", answer["event_id"])
    assert (answer["actor"], answer["causation_id"], answer["status"]) == ("bob", "EV-20260217-0000abcd", "applied")
    (key,) = answer["tasks"]
    assert re.fullmatch(r"TASK-\d{8}-[0-9a-f]{8}", key)
    task = engine.tasks.get(run_id=film.order.run_id, key=key)
    assert (task.type, task.priority, task.queue, task.max_attempts) == ("GENERATE_KEYFRAME", 8, "nexus.tools", 4)
    assert task.input == {
        "project_id": "lighthouse", "event_type": "KEYFRAME_REQUESTED", "event_id": answer["event_id"],
        "causation_event_id": answer["event_id"], "payload": told, "agent": "ImageGenAgent", "shot_id": "shot-09",
        "shot_spec": {"description": "a dog"},
    }  # fmt: skip
    feed = engine.events.of(film.order.run_id).filter(kind="order.event").last()
    assert (feed.data["type"], feed.data["tasks"]) == ("KEYFRAME_REQUESTED", [key])


def test_an_event_that_is_told_again_changes_nothing_and_another_one_under_its_id_is_refused(cast, film):
    said = {"event_id": "EV-20260217-1f0c2ab4"}
    first = films.tell(cast.alice, "IMAGE_EDIT_REQUESTED", {"shot_id": "shot-01"}, **said)
    again = films.tell(cast.alice, "IMAGE_EDIT_REQUESTED", {"shot_id": "shot-01"}, **said)
    other = films.tell(cast.alice, "IMAGE_EDIT_REQUESTED", {"shot_id": "shot-02"}, **said)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["tasks"] == again.json()["tasks"]
    assert (other.status_code, other.json()["code"]) == (409, "event_changed")
    assert films.tasks_of(film)["EDIT_IMAGE"] == ["ready"]


def test_a_film_is_created_once(cast):
    said = {"event_id": "EV-20260217-aaaaaaaa"}
    first = films.tell(cast.alice, "PROJECT_CREATED", films.BRIEF, **said)
    again = films.tell(cast.alice, "PROJECT_CREATED", films.BRIEF, **said)
    other = films.tell(cast.alice, "PROJECT_CREATED", films.BRIEF)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["work_order"] == again.json()["work_order"]
    assert (other.status_code, other.json()["code"]) == (409, "film_exists")
    assert films.types_of(Film.objects.get()) == ["PROJECT_CREATED", "BUDGET_ALLOCATED"]


def test_every_known_type_is_taken_in_and_an_unmapped_one_says_so(cast, film):
    for event_type in TYPES[2:]:
        answer = films.tell(cast.alice, event_type, {"shot_id": "shot-01"})
        assert answer.status_code == 201, (event_type, answer.content)
        assert (answer.json()["status"] == "unmapped") == (answer.json()["tasks"] == []), event_type
    assert films.tell(cast.alice, "QA_REPORT").json()["status"] == "unmapped"


def test_an_unknown_type_is_refused_until_somebody_maps_it(cast, film):
    refused = films.tell(cast.alice, "STORYBOARD_DRAWN")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_event_type")

    rule = {"project": "acme", "event_type": "STORYBOARD_DRAWN", "task_type": "CHECK_CONSISTENCY", "priority": 3}
    assert cast.alice.post(MAPPINGS, rule).status_code == 201
    assert cast.alice.post(MAPPINGS, rule).json()["code"] == "mapping_exists"

    (key,) = films.tell(cast.alice, "STORYBOARD_DRAWN").json()["tasks"]
    assert engine.tasks.get(key=key).priority == 3


def test_custom_mappings_append_and_can_be_taken_out(cast, film):
    rule = {"project": "acme", "event_type": "IMAGE_GENERATED", "task_type": "UPSCALE_KEYFRAME", "agent": "Dana"}
    made = cast.alice.post(MAPPINGS, rule).json()
    assert len(films.tell(cast.alice, "IMAGE_GENERATED", {"shot_id": "shot-01"}).json()["tasks"]) == 3
    listed = cast.bob.get(MAPPINGS).json()["results"]
    assert [one["agent"] for one in listed if one["event_type"] == "IMAGE_GENERATED"][-1] == "Dana"
    assert cast.charlie.client.delete(f"{MAPPINGS}/{made['id']}").status_code == 404

    assert cast.alice.client.delete(f"{MAPPINGS}/{made['id']}").status_code == 204
    assert len(films.tell(cast.alice, "IMAGE_GENERATED", {"shot_id": "shot-01"}).json()["tasks"]) == 2


@pytest.mark.django_db(transaction=True)
def test_events_are_kept_while_a_film_is_paused_and_applied_when_it_resumes(cast):
    film = films.begun(cast.alice)
    order = f"/api/v2/work-orders/{film.order.public_id}"
    assert cast.alice.post(f"{order}/pause").status_code == 200
    kept = films.tell(cast.alice, "ALL_SHOTS_READY").json()
    assert kept["status"] == "kept"
    films.work(film)
    assert set(films.tasks_of(film)["ASSEMBLE_FINAL"]) == {"ready"}

    assert cast.alice.post(f"{order}/resume").status_code == 200
    assert cast.alice.get(f"/api/v2/events/{kept['event_id']}").json()["status"] == "applied"
    task = engine.tasks.get(run_id=film.order.run_id, key=kept["tasks"][0])
    assert task.state == "ready"


@pytest.mark.django_db(transaction=True)
def test_a_film_that_is_over_takes_no_events(cast):
    film = films.begun(cast.alice)
    assert cast.alice.post(f"/api/v2/work-orders/{film.order.public_id}/cancel").status_code == 200
    refused = films.tell(cast.alice, "KEYFRAME_REQUESTED", {"shot_id": "shot-01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert "KEYFRAME_REQUESTED" not in films.types_of(film)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": 5}, "#/type"),
        ({"type": "scene written"}, "#/type"),
        ({"project_id": "../../etc"}, "#/project_id"),
        ({"project_id": None}, "#/project_id"),
        ({"event_id": "x" * 65}, "#/event_id"),
        ({"event_id": "a b"}, "#/event_id"),
        ({"payload": []}, "#/payload"),
        ({"payload": {"a": "x" * 100_001}}, "#/payload"),
        ({"timestamp": "yesterday"}, "#/timestamp"),
        ({"metadata": {"cost": -1}}, "#/metadata/cost"),
        ({"metadata": {"retry_count": 10**30}}, "#/metadata/retry_count"),
        ({"colour": "red"}, "#/colour"),
        ({"actor": "x" * 201}, "#/actor"),
    ],
)
def test_an_event_out_of_bounds_is_refused_and_named(cast, film, body, pointer):
    answer = cast.alice.post(films.EVENTS, {"project_id": "lighthouse", "type": "QA_REPORT", **body})
    assert answer.status_code == 400, answer.content
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    "raw", [rb'{"payload": {"a": "\u0000"}}', rb'{"payload": {"a": "\ud800"}}', b"[]", b"{", b"\xff"]
)
def test_what_no_database_holds_is_a_clear_refusal(cast, raw):
    assert cast.alice.post(films.EVENTS, raw).status_code == 400


@pytest.mark.parametrize(
    "payload",
    [{}, {"brief": ""}, {**films.BRIEF, "duration_seconds": 0}, {**films.BRIEF, "shots": 101},
     {**films.BRIEF, "quality": "best"}, {**films.BRIEF, "user_options": {"approval_checkpoints": ["LUNCH"]}},
     {**films.BRIEF, "budget_usd": "-1"}],
)  # fmt: skip
def test_a_film_that_cannot_be_made_is_refused_with_a_pointer_into_its_payload(cast, payload):
    answer = films.tell(cast.alice, "PROJECT_CREATED", payload)
    assert answer.status_code == 400, answer.content
    assert all(one["pointer"].startswith("#/payload/") for one in answer.json()["errors"])
    assert not Film.objects.exists()


def test_who_only_reads_a_project_tells_nothing_and_others_do_not_see_it(cast, film):
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    assert films.tell(viewer, "QA_REPORT").json()["code"] == "read_only_member"
    assert films.tell(cast.charlie, "QA_REPORT").status_code == 404
    assert cast.charlie.get("/api/v2/films").json()["results"] == []
    assert cast.charlie.get(films.EVENTS).json()["results"] == []


def test_two_films_of_one_name_are_told_apart_by_their_project(cast, film):
    Membership.objects.create(user=cast.alice.user, project=cast.umbra, role=Role.OWNER)
    films.tell(cast.alice, "PROJECT_CREATED", films.BRIEF, project="umbra")
    assert films.tell(cast.alice, "QA_REPORT").json()["code"] == "ambiguous_film"
    assert films.tell(cast.alice, "QA_REPORT", project="umbra").json()["project"] == "umbra"
    assert cast.alice.get("/api/v2/films/lighthouse").status_code == 422
    assert cast.alice.get("/api/v2/films/lighthouse?project=acme").json()["project"] == "acme"


def test_events_are_listed_newest_first_and_filtered(cast, film):
    films.begun(cast.alice, film="harbour")
    for number in range(3):
        films.tell(cast.alice, "QA_REPORT", {"number": number})
    page = cast.alice.get(f"{films.EVENTS}?project_id=lighthouse&type=QA_REPORT&page_size=2").json()
    assert [one["payload"]["number"] for one in page["results"]] == [2, 1]
    assert FilmEvent.objects.filter(film=film).count() == 5
    assert cast.alice.get(f"{films.EVENTS}?type=%00").status_code in (200, 400)


def test_a_film_shows_its_tasks_as_the_table_had_them(cast, film):
    shown = cast.alice.get("/api/v2/films/lighthouse").json()
    (task,) = shown["tasks"]
    assert {name: task[name] for name in ("task_type", "assigned_to", "status", "priority", "retry_count")} == {
        "task_type": "WRITE_SCRIPT", "assigned_to": "ScriptWriter", "status": "READY", "priority": 10, "retry_count": 0,
    }  # fmt: skip
    assert task["max_retries"] == 3
    budget = cast.alice.get("/api/v2/films/lighthouse/budget").json()
    assert (budget["total"], budget["allocation"], budget["status"]) == ("1.800000000", "1.800000000", "HEALTHY")
    assert cast.alice.get("/api/v2/films/lighthouse/files/shots/none.png").status_code == 404


def test_the_board_adds_a_mapping_in_the_admin(cast):
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    form = {"event_type": "LUNCH_SERVED", "task_type": "HANDLE_REVISION", "agent": "", "priority": "1", "enabled": "on"}
    assert client.post("/admin/studio/eventmapping/add/", {**form, "project": ""}).status_code == 302
    row = EventMapping.objects.get()
    assert (row.created_by, row.project, row.as_rule().agent) == ("board", None, "ChefAgent")
    for page in ("eventmapping", "film", "filmevent", "shot"):
        assert client.get(f"/admin/studio/{page}/").status_code == 200
