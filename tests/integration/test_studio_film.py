"""A film from its first event to its last, worked on in this process: checkpoints, revisions, money, failures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.studio import buying
from apps.studio.media import measure
from nexus import engine
from tests.support import films
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture(autouse=True)
def studio(tmp_path) -> Iterator[None]:
    with films.a_studio(tmp_path):
        yield


def test_a_film_stops_at_its_script_and_goes_on_with_its_shots(cast):
    film = films.work(films.begun(cast.alice))
    assert film.script
    asked = films.asked(film)
    assert asked is not None
    assert (asked.checkpoint, asked.content["content"]["preview_type"]) == ("SCENE_WRITTEN", "script")
    assert asked.content["approval_id"].startswith("APPR-")
    assert "PLAN_SHOTS" not in films.tasks_of(film)

    films.say(asked, "approve")
    film = films.work(film)

    assert films.tasks_of(film)["PLAN_SHOTS"] == ["completed"]
    assert films.asked(film).checkpoint == "SHOT_PLANNED"
    assert "USER_APPROVED" in films.types_of(film)


def test_a_film_in_auto_mode_runs_to_its_end(cast):
    film = films.work(films.begun(cast.alice, user_options={"auto_mode": True}))
    assert engine.approvals.filter(run_id=film.order.run_id).count() == 0
    assert films.types_of(film)[-1] == "PROJECT_FINALIZED"
    film = films.work(film)
    assert engine.runs.get(pk=film.order.run_id).state == "completed", films.tasks_of(film)
    final = films.types_of(film)
    assert final.count("ALL_SHOTS_READY") == 1
    clip = measure.moving(
        buying.workspace(film).read(film.events.get(type="FINAL_VIDEO_READY").payload["artifact_url"])
    )
    assert abs(clip.seconds - film.duration_seconds) < 0.05
