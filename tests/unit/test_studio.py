"""The studio without servers: types, map, locks, money, recovery, and what is measured of files."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.studio import budget, handlers, recovery, tasks
from apps.studio.events import TYPES, new_id
from apps.studio.inputs import key_of
from apps.studio.media import clip, draw, effects, measure, sound
from apps.studio.media.maker import Wanted
from apps.studio.media.sandbox import TUNED, Sandbox
from apps.studio.taskmap import DEFAULTS
from nexus import engine
from workorders.triggers.mapping import Priority, Rule, TaskMap

SEED_MAP = {
    ("PROJECT_CREATED", "WRITE_SCRIPT", "ScriptWriter", 10),
    ("SCENE_WRITTEN", "PLAN_SHOTS", "ShotDirector", 8),
    ("SHOT_PLANNED", "GENERATE_KEYFRAME", "ImageGenAgent", 8),
    ("KEYFRAME_REQUESTED", "GENERATE_KEYFRAME", "ImageGenAgent", 8),
    ("IMAGE_GENERATED", "EXTRACT_FEATURES", "ArtDirector", 5),
    ("IMAGE_GENERATED", "RUN_VISUAL_QA", "ConsistencyGuardian", 5),
    ("DNA_BANK_UPDATED", "ADJUST_PROMPTS", "PromptEngineer", 5),
    ("CONSISTENCY_FAILED", "ADJUST_PROMPTS", "PromptEngineer", 8),
    ("PREVIEW_VIDEO_REQUESTED", "GENERATE_PREVIEW_VIDEO", "VideoGenAgent", 8),
    ("PREVIEW_VIDEO_READY", "RUN_VIDEO_QA", "ConsistencyGuardian", 5),
    ("SHOT_APPROVED", "GENERATE_FINAL_VIDEO", "VideoGenAgent", 8),
    ("FINAL_VIDEO_REQUESTED", "GENERATE_FINAL_VIDEO", "VideoGenAgent", 10),
    ("IMAGE_EDIT_REQUESTED", "EDIT_IMAGE", "ImageGenAgent", 8),
    ("ALL_SHOTS_READY", "ASSEMBLE_FINAL", "Editor", 8),
}


def test_there_are_34_task_types_and_each_has_an_agent_a_queue_and_a_handler():
    assert len(tasks.ALL) == len(tasks.BY_NAME) == 34
    assert set(handlers.WORK) == set(tasks.BY_NAME) <= engine.types()
    assert all(one.agent and one.queue for one in tasks.ALL)


def test_there_are_36_event_types():
    assert len(set(TYPES)) == len(TYPES) == 36


def test_the_shipped_map_is_the_table():
    assert {(one.event_type, one.task_type, one.agent, one.priority) for one in DEFAULTS} == SEED_MAP


def test_custom_rules_append_and_an_unmapped_event_gives_nothing():
    more = Rule(event_type="IMAGE_GENERATED", task_type="UPSCALE_KEYFRAME", agent="Me", priority=Priority.LOW)
    found = TaskMap.of(DEFAULTS, [more, more])
    assert [rule.task_type for rule in found.of_event("IMAGE_GENERATED")] == [
        "EXTRACT_FEATURES", "RUN_VISUAL_QA", "UPSCALE_KEYFRAME",
    ]  # fmt: skip
    assert list(found.of_event("QA_REPORT")) == []


def test_the_priorities_have_their_numbers():
    assert {one.name: one.value for one in Priority} == {
        "CRITICAL": 10, "HIGH": 8, "NORMAL": 5, "LOW": 3, "BACKGROUND": 1,
    }  # fmt: skip


def test_three_task_types_take_a_lock_of_their_film():
    assert tasks.lock_of("UPDATE_DNA_BANK", film=7, character="keeper") == "film:7:dna_bank:keeper"
    assert tasks.lock_of("UPDATE_DNA_BANK", film=7) == "film:7:dna_bank:unknown"
    assert tasks.lock_of("ADJUST_PROMPTS", film=7) == "film:7:prompts"
    assert tasks.lock_of("PLAN_SHOTS", film=7) == "film:7:shots"
    assert tasks.lock_of("GENERATE_KEYFRAME", film=7) is None


def test_ids_have_the_shapes_that_people_know():
    from django.utils import timezone

    now = timezone.now()
    assert new_id(now).startswith(f"EV-{now:%Y%m%d}-")
    assert len(new_id(now)) == len("EV-20260217-1f0c2ab4")
    assert key_of(1, "a").startswith(f"TASK-{now:%Y%m%d}-")
    assert key_of(1, "a") == key_of(1, "a") != key_of(1, "b")


@pytest.mark.parametrize(
    ("seconds", "quality", "usd"), [(10, "high", "45"), (10, "balanced", "30"), (10, "fast", "18"), (10, "odd", "30")]
)
def test_a_film_is_given_three_dollars_a_second_by_its_quality(seconds, quality, usd):
    assert budget.allocation(seconds, quality) == Decimal(usd)


@pytest.mark.parametrize(
    ("quality", "used", "now"),
    [("high", "7.99", "high"), ("high", "8", "balanced"), ("balanced", "9", "fast"), ("fast", "9", "fast"),
     ("odd", "1", "balanced"), ("high", "4", "high")],
)  # fmt: skip
def test_from_four_fifths_on_a_film_works_with_one_quality_less(quality, used, now):
    assert budget.stepped(quality, used=Decimal(used), total=Decimal(10)) == now


def test_what_fails_is_tried_three_times_more_then_swapped_degraded_or_a_persons():
    assert [recovery.next_step("GENERATE_FINAL_VIDEO", attempt=n, most=4) for n in (1, 2, 3, 4)] == [
        "again", "again", "again", "swap",
    ]  # fmt: skip
    assert recovery.next_step("MODEL_SWAP_RETRY", attempt=4, most=4) == "degrade"
    assert recovery.next_step("GENERATE_KEYFRAME", attempt=4, most=4) == "human"


def test_the_third_failure_a_high_cost_and_a_critical_one_are_a_persons():
    assert recovery.after_quality(tries=2) == "again"
    assert recovery.after_quality(tries=3) == "human"
    assert recovery.after_quality(tries=1, cost_impact=Decimal("20.01")) == "human"
    assert recovery.after_quality(tries=1, severity="critical") == "human"


def test_a_picture_out_of_focus_measures_less_sharp_than_the_same_tuned():
    soft = Sandbox().make(Wanted(kind="image", prompt="a dog", spec={"blur": 6}), key="k")
    tuned = Sandbox().make(Wanted(kind="image", prompt=f"a dog, {TUNED}", spec={"blur": 6}), key="k")
    assert measure.picture(soft).sharpness < 200 < measure.picture(tuned).sharpness
    assert (measure.picture(tuned).width, measure.picture(tuned).height) == draw.SIZES["balanced"]


def test_a_clip_lasts_as_long_as_it_was_asked_to_and_moves():
    data = Sandbox().make(Wanted(kind="video", prompt="a dog", seconds=1.5, quality="fast"), key="k")
    found = measure.moving(data)
    assert (found.seconds, found.moves, found.frames) == (1.5, True, 6)
    assert 0.8 < found.likeness < 1
    frames, seconds = clip.joined([data, data])
    assert (len(frames), seconds) == (12, 3.0)
    assert measure.likeness(effects.lit(frames[6], "black and white", at=0.5), frames[6]) < 1


def test_a_sound_lasts_and_is_heard_and_silence_is_not():
    music = Sandbox().make(Wanted(kind="music", prompt="a dog", seconds=0.5), key="k")
    voice = Sandbox().make(Wanted(kind="voice", prompt="a dog barks", seconds=0.5), key="k")
    mixed = measure.sound(sound.mixed([music, voice], seconds=0.75))
    assert (measure.sound(music).seconds, mixed.seconds) == (0.5, 0.75)
    assert measure.sound(voice).loudness > 0.01
    assert measure.sound(sound.mixed([], seconds=0.1)).loudness == 0


def test_what_is_no_picture_clip_or_sound_is_told_so():
    for read in (measure.picture, measure.moving):
        with pytest.raises(OSError, match="cannot identify"):
            read(b"no picture")
    with pytest.raises(ValueError, match="no WAV"):
        measure.sound(b"no sound")
