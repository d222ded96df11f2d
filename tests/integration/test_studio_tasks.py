"""Task types that a film does not come to by itself: each asked for by an event of its own, each measured."""

from __future__ import annotations

import pytest

from apps.studio import buying
from apps.studio.media import measure
from apps.studio.models import EventMapping
from nexus import engine
from tests.support import films
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = (
    "GENERATE_KEYFRAME_START", "GENERATE_KEYFRAME_MID", "GENERATE_KEYFRAME_END", "EDIT_IMAGE", "INPAINT_IMAGE",
    "UPSCALE_KEYFRAME", "ADD_EFFECTS", "GENERATE_MUSIC", "GENERATE_VOICE", "CHECK_CONSISTENCY", "OPTIMIZE_PROMPTS",
    "PROMPT_TUNING", "REVISE_SHOTS",
)  # fmt: skip


def test_each_task_type_does_its_work(tmp_path):
    cast = a_cast()
    with films.a_studio(tmp_path):
        options = {"approval_checkpoints": ["SHOT_PLANNED", "PREVIEW_VIDEO_READY", "FINAL_VIDEO_READY"]}
        film = films.work(films.begun(cast.alice, shots=1, user_options=options))
        films.say(films.asked(film), "approve")
        film = films.work(film)
        preview = film.shots.get().preview
        for name in ASKED:
            EventMapping.objects.create(event_type=f"WANTED_{name}", task_type=name)
            payload = {"shot_id": "shot-01", "artifact_url": preview, "notes": "warm", "failure_reason": "too dark"}
            told = films.tell(cast.alice, f"WANTED_{name}", payload).json()
            film = films.work(film)
            assert engine.tasks.get(key=told["tasks"][0]).state == "completed", name

        outputs = {task.type: task.output for task in engine.tasks.of(film.order.run_id).filter(state="completed")}
        work = buying.workspace(film)
        wide = outputs["INPAINT_IMAGE"]["measured"]["width"]
        assert outputs["UPSCALE_KEYFRAME"]["measured"]["width"] == 2 * wide
        lit, plain = (measure.moving(work.read(path)) for path in (outputs["ADD_EFFECTS"]["artifact_url"], preview))
        assert (lit.seconds, lit.frames) == (plain.seconds, plain.frames)
        assert work.read(outputs["ADD_EFFECTS"]["artifact_url"]) != work.read(preview)
        for name in ("GENERATE_MUSIC", "GENERATE_VOICE"):
            assert outputs[name]["measured"]["seconds"] == film.duration_seconds
        assert "in sharp focus" in outputs["PROMPT_TUNING"]["prompt"]
        assert films.asked(film) is not None
        assert outputs["REVISE_SHOTS"]["shots"][0]["shot_id"] == "shot-01"
        dead = engine.tasks.of(film.order.run_id).filter(state="failed")
        assert list(dead.values_list("type", "error")) == []


@pytest.mark.parametrize(
    ("task_type", "payload", "said"),
    [
        ("ADD_EFFECTS", {"shot_id": "shot-01"}, "artifact_url"),
        ("HANDLE_REVISION", {"shot_id": "shot-01"}, "stage"),
        ("HANDLE_REVISION", {"stage": "CREDITS_ROLLED"}, "SHOT_PLANNED"),
    ],
)
def test_an_event_that_does_not_say_what_is_made_again_fails_its_task(tmp_path, task_type, payload, said):
    cast = a_cast()
    with films.a_studio(tmp_path):
        film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["SCENE_WRITTEN"]}))
        EventMapping.objects.create(event_type="WANTED_IT", task_type=task_type)
        (key,) = films.tell(cast.alice, "WANTED_IT", payload).json()["tasks"]
        films.work(film)
        failed = engine.tasks.get(key=key)
        assert (failed.state, failed.attempt, failed.error["code"]) == ("failed", 1, "incomplete_event")
        assert said in failed.error["message"]
