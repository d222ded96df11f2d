"""Dead letters over HTTP: seen by who may read the project, driven again by who may change it."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.accounts.models import Role
from nexus import engine
from tests.support.people import a_cast, a_person
from tests.support.runs import spec, states, work

pytestmark = pytest.mark.django_db(transaction=True)
LETTERS = "/api/v2/dead-letters"


@pytest.fixture
def cast():
    return a_cast()


def dead(project) -> engine.Run:
    with transaction.atomic():
        run = engine.submit(
            tenant=str(project.pk), subject="WO-TEST", tasks=[spec("bad", "test.fails", max_attempts=1)]
        )
    return work(run)


def test_a_group_is_seen_by_the_team_and_by_nobody_else(cast):
    dead(cast.acme), dead(cast.acme), dead(cast.umbra)
    (seen,) = cast.alice.get(LETTERS).json()["results"]
    assert (seen["count"], seen["types"], seen["error"]["code"]) == (2, ["test.fails"], "handler_error")
    assert cast.bob.get(LETTERS).json() == cast.alice.get(LETTERS).json()
    assert [group["count"] for group in cast.charlie.get(LETTERS).json()["results"]] == [1]


def test_one_is_tried_and_then_the_others_and_never_somebody_elses(cast):
    ours, theirs = [dead(cast.acme), dead(cast.acme)], dead(cast.umbra)
    (group,) = cast.bob.get(LETTERS).json()["results"]
    again = f"{LETTERS}/{group['fingerprint']}/redrive"
    assert cast.bob.post(again, {"one": True, "input": {"until": 1}}).json() == {"redriven": 1}
    assert [work(run).state for run in ours] == ["completed", "open"]
    assert cast.bob.post(again, {"input": {"until": 1}, "priority": 9, "reason": "mended"}).json() == {"redriven": 1}
    assert work(ours[1]).state == "completed"
    assert states(theirs) == {"bad": "failed"}
    gone = cast.bob.post(again)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_a_viewer_and_a_stranger_drive_nothing(cast):
    run = dead(cast.acme)
    (group,) = cast.alice.get(LETTERS).json()["results"]
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    for person in (viewer, cast.charlie):
        assert person.post(f"{LETTERS}/{group['fingerprint']}/redrive").status_code == 404
    assert cast.alice.post(f"{LETTERS}/%00/redrive").status_code == 404
    assert len(viewer.get(LETTERS).json()["results"]) == 1
    assert states(run) == {"bad": "failed"}


@pytest.mark.parametrize(
    "wrong",
    [{"priority": 11}, {"max_attempts": 0}, {"input": []}, {"rate": 3}, {"one": "true"}, {"input": {"a": "\0"}}],
)
def test_bad_input_is_refused_and_drives_nothing(cast, wrong):
    run = dead(cast.acme)
    (group,) = cast.alice.get(LETTERS).json()["results"]
    assert cast.alice.post(f"{LETTERS}/{group['fingerprint']}/redrive", wrong).status_code in (400, 422)
    assert states(run) == {"bad": "failed"}
