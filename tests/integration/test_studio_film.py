"""A film from its first event to its last, worked on in this process: checkpoints, revisions, money, failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from apps.studio import buying
from apps.studio.media import measure
from apps.studio.models import Film
from billing.budgets import change_limit
from billing.models import Budget, LedgerEntry
from nexus import engine
from nexus.execution import runner
from nexus.gates.remind import escalate_once, expire_once, remind_once
from nexus.tasks import transitions
from tests.support import films
from tests.support.people import Cast, a_cast
from tests.support.runs import ALICE

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
    assert films.types_of(film)[-1] == "USER_APPROVAL_REQUIRED"

    films.say(asked, "approve")
    film = films.work(film)

    assert films.tasks_of(film)["PLAN_SHOTS"] == ["completed"]
    assert films.asked(film).checkpoint == "SHOT_PLANNED"
    assert "USER_APPROVED" in films.types_of(film)


def hurried(film: Film) -> Film:
    """The film after everything that can be done, backing off included."""
    for _ in range(12):
        film = films.work(film)
        due = engine.tasks.of(film.order.run_id).filter(
            state="pending", deps_left=0, not_before__lt="2100-01-01T00:00Z"
        )
        if not due.update(not_before=timezone.now()):
            break
    return film


BY_ITSELF = {
    "BUDGET_ALLOCATED", "SCENE_WRITTEN", "SHOT_PLANNED", "IMAGE_GENERATED", "DNA_BANK_UPDATED", "CONSISTENCY_FAILED",
    "PROMPT_ADJUSTMENT", "KEYFRAME_REQUESTED", "QA_REPORT", "PREVIEW_VIDEO_REQUESTED", "PREVIEW_VIDEO_READY",
    "SHOT_APPROVED", "VIDEO_GENERATED", "MUSIC_COMPOSED", "VOICE_RENDERED", "ERROR_DETECTED", "ERROR_CORRECTED",
    "ALL_SHOTS_READY", "FINAL_VIDEO_READY", "PROJECT_DELIVERED", "PROJECT_FINALIZED",
}  # fmt: skip
"""What tasks of a film publish, where nobody is asked."""


def output_of(film: Film, task_type: str) -> dict:
    return engine.tasks.of(film.order.run_id).filter(type=task_type).last().output


def test_a_film_in_auto_mode_runs_to_its_end_and_every_picture_clip_and_sound_has_one_ledger_line(cast):
    soft, broken = {"blur": 6}, {"fault": "video_down"}
    film = hurried(films.begun(cast.alice, user_options={"auto_mode": True, "shots": [soft, broken]}))
    assert engine.runs.get(pk=film.order.run_id).state == "completed", films.stuck(film)
    assert engine.approvals.filter(run_id=film.order.run_id).count() == 0

    told = films.types_of(film)
    assert told[-2:] == ["PROJECT_DELIVERED", "PROJECT_FINALIZED"]
    assert told.count("ALL_SHOTS_READY") == 1
    assert set(told) >= BY_ITSELF
    # The first shot was out of focus: measured, its words tuned, drawn again.
    failed = film.events.get(type="CONSISTENCY_FAILED")
    assert "sharpness" in failed.payload["failure_reason"]
    assert engine.tasks.get(key=failed.tasks[0]).input["qa_report"] == failed.payload["qa_report"]
    assert film.shots.get(shot_id="shot-01").tries == 1
    # The clips of the second one failed four times, and the backup model made them.
    assert "ERROR_CORRECTED" in told
    assert output_of(film, "MODEL_SWAP_RETRY")["cost_usd"] != "0"

    ready = film.events.get(type="FINAL_VIDEO_READY").payload
    work = buying.workspace(film)
    assert abs(measure.moving(work.read(ready["artifact_url"])).seconds - film.duration_seconds) < 0.05
    assert abs(measure.sound(work.read(ready["soundtrack_url"])).seconds - film.duration_seconds) < 0.05

    lines = LedgerEntry.objects.filter(order=film.order.public_id, provider="media")
    bought = engine.effects.filter(run_id=film.order.run_id, name=buying.EFFECT, state="done")
    assert lines.count() == bought.count() == lines.values("request_id").distinct().count()
    costs = {one.model: one.amount for one in lines}
    assert costs == {
        "image-1": Decimal("0.05"), "video-1": Decimal("0.25"), "music-1": Decimal("0.02"), "voice-1": Decimal("0.02"),
    }  # fmt: skip
    budget = Budget.objects.get(kind="order", key=film.order.public_id)
    assert (budget.reserved, budget.spent) == (0, sum(LedgerEntry.objects.filter(
        order=film.order.public_id).values_list("amount", flat=True)))  # fmt: skip


def test_a_revision_makes_the_stage_again_and_opens_its_checkpoint_once_more(cast):
    film = films.work(films.begun(cast.alice))
    films.say(films.asked(film), "revise", "More dog, less sea")
    film = films.work(film)

    assert films.tasks_of(film)["REVISE_SCRIPT"] == ["completed"]
    revision = engine.tasks.of(film.order.run_id).get(type="HANDLE_REVISION")
    assert (revision.priority, revision.input["notes"]) == (5, "More dog, less sea")
    again = films.asked(film)
    assert (again.checkpoint, again.outcome) == ("SCENE_WRITTEN", None)
    assert films.types_of(film).count("USER_REVISION_REQUESTED") == 1
    assert "PLAN_SHOTS" not in films.tasks_of(film)


def test_a_rejection_ends_the_film_with_its_reason(cast):
    film = films.work(films.begun(cast.alice))
    films.say(films.asked(film), "reject", "Not our story")
    film = films.work(film)
    assert engine.runs.get(pk=film.order.run_id).state == "cancelled"
    assert film.events.get(type="USER_REJECTED").payload["notes"] == "Not our story"


def test_a_rejection_has_the_stage_redone_where_that_was_chosen(cast):
    film = films.work(films.begun(cast.alice, user_options={"on_reject": "redo"}))
    films.say(films.asked(film), "reject", "Begin anew")
    film = films.work(film)
    assert films.tasks_of(film)["REWRITE_SCRIPT"] == ["completed"]
    assert films.asked(film).checkpoint == "SCENE_WRITTEN"


def test_time_reminds_escalates_and_then_decides_as_the_film_says(cast):
    options = {"approval_timeout_minutes": 30, "on_timeout": "approve", "escalate_to": ["bob"]}
    film = films.work(films.begun(cast.alice, user_options=options))
    asked = films.asked(film)
    assert (asked.remind_every, asked.on_timeout) == (900.0, "approve")
    past = timezone.now() - timedelta(hours=1)
    engine.approvals.filter(pk=asked.pk).update(remind_at=past, escalate_at=past)
    assert (remind_once(), escalate_once()) == (1, 1)
    engine.approvals.filter(pk=asked.pk).update(expires_at=past)
    assert expire_once() == 1
    assert films.tasks_of(films.work(film))["PLAN_SHOTS"] == ["completed"]


def test_checkpoints_may_be_chosen_for_each_film(cast):
    film = films.work(films.begun(cast.alice, user_options={"approval_checkpoints": ["SHOT_PLANNED"]}))
    assert films.asked(film).checkpoint == "SHOT_PLANNED"
    assert engine.approvals.filter(run_id=film.order.run_id).count() == 1


def test_what_a_budget_does_not_cover_waits_for_the_board_and_is_not_dropped(cast):
    film = films.work(films.begun(cast.alice, budget_usd="0.20", user_options={"auto_mode": True}))
    waiting = engine.tasks.of(film.order.run_id).parked_for("budget_exceeded")
    assert waiting.exists(), films.tasks_of(film)
    spent = Budget.objects.get(kind="order", key=film.order.public_id)
    assert spent.spent <= Decimal("0.20")
    assert spent.reserved == 0
    assert film.strategy == "fast"


def test_a_worker_that_dies_after_the_picture_was_made_buys_none_twice(cast, monkeypatch):
    film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["PREVIEW_VIDEO_READY"]}))
    before = LedgerEntry.objects.filter(provider="media").count()
    told = films.tell(cast.alice, "KEYFRAME_REQUESTED", {"shot_id": "shot-01"}).json()
    task = engine.tasks.get(key=told["tasks"][0])
    held = transitions.claim(task.pk, ALICE)
    with monkeypatch.context() as dying:
        dying.setattr(buying, "_book", lambda *_, **__: (_ for _ in ()).throw(OperationalError("it died")))
        runner.run_one(held, holder=ALICE)
    assert LedgerEntry.objects.filter(provider="media").count() == before
    engine.tasks.filter(pk=task.pk).update(not_before=timezone.now())
    films.work(film)
    assert LedgerEntry.objects.filter(provider="media", task_id=task.pk).count() == 1
    assert engine.effects.get(task_id=task.pk).tries == 1


def test_what_a_cancelled_task_had_reserved_is_let_go(cast, monkeypatch):
    film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["PREVIEW_VIDEO_READY"]}))
    told = films.tell(cast.alice, "KEYFRAME_REQUESTED", {"shot_id": "shot-01"}).json()
    held = transitions.claim(engine.tasks.get(key=told["tasks"][0]).pk, ALICE)
    with monkeypatch.context() as dying:
        dying.setattr(buying, "maker", lambda: (_ for _ in ()).throw(OperationalError("it died")))
        runner.run_one(held, holder=ALICE)
    budget = Budget.objects.filter(kind="order", key=film.order.public_id)
    assert budget.get().reserved == Decimal("0.05")
    engine.cancel(run_id=film.order.run_id)
    buying.close_left()
    assert budget.get().reserved == 0


def test_a_clip_that_no_model_makes_is_degraded(cast):
    down = {"fault": "down"}
    film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["PREVIEW_VIDEO_READY"]}))
    film.shots.update(spec={**film.shots.get().spec, **down})
    assert films.tell(cast.alice, "PREVIEW_VIDEO_REQUESTED", {"shot_id": "shot-01"}).status_code == 201
    film = hurried(film)
    assert output_of(film, "MODEL_SWAP_RETRY")["degraded"] is True
    assert measure.moving(buying.workspace(film).read(film.shots.get().preview)).frames >= 1


def test_a_picture_that_never_passes_is_a_persons_to_decide(cast):
    options = {"approval_checkpoints": ["FINAL_VIDEO_READY"], "shots": [{"fault": "down"}]}
    film = hurried(films.begun(cast.alice, shots=1, user_options=options))
    asked = films.asked(film)
    assert (asked.checkpoint, asked.content["options"][0]) == ("HUMAN_GATE", "manual fix")
    assert "HUMAN_GATE_TRIGGERED" in films.types_of(film)
    film.shots.update(spec={**film.shots.get().spec, "fault": ""})
    films.say(asked, "revise", "The maker is back")
    film = hurried(film)
    assert films.asked(film).checkpoint == "FINAL_VIDEO_READY"
    assert "ERROR_CORRECTION_REQUESTED" in films.types_of(film)


def test_what_is_spent_is_told_once(cast):
    film = hurried(films.begun(cast.alice, budget_usd="1.25", quality="high", user_options={"auto_mode": True}))
    told = films.types_of(film)
    assert (told.count("COST_OVERRUN_WARNING"), told.count("STRATEGY_UPDATE")) == (1, 1)
    assert film.events.get(type="STRATEGY_UPDATE").payload["to"] == "balanced"


def test_a_budget_that_is_used_up_is_told_once(cast):
    film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["PREVIEW_VIDEO_READY"]}))
    assert "BUDGET_EXCEEDED" not in films.types_of(film)
    spent = Budget.objects.get(kind="order", key=film.order.public_id).spent
    assert spent > 0
    with transaction.atomic():
        change_limit(kind="order", key=film.order.public_id, limit=spent, actor="board")
    picture = {"shot_id": "shot-01", "artifact_url": film.shots.get().keyframe}
    for _ in range(2):
        assert films.tell(cast.alice, "IMAGE_GENERATED", picture).json()["tasks"]
        film = films.work(film)
    assert films.types_of(film).count("BUDGET_EXCEEDED") == 1
    told = film.events.get(type="BUDGET_EXCEEDED").payload
    assert (Decimal(told["used"]), Decimal(told["total"]), told["usage_percent"]) == (spent, spent, 100.0)


def test_an_event_that_leaves_out_what_its_task_is_about_fails_the_task(cast):
    film = films.work(films.begun(cast.alice, shots=1, user_options={"approval_checkpoints": ["SCENE_WRITTEN"]}))
    shot = {"shot_id": "shot-01", "shot_spec": {"prompt": "a lamp"}}
    keys = films.tell(cast.alice, "IMAGE_GENERATED", shot).json()["tasks"]
    films.work(film)
    for failed in engine.tasks.filter(key__in=keys):
        assert (failed.state, failed.attempt, failed.error["code"]) == ("failed", 1, "incomplete_event")
    assert len(keys) == 2
