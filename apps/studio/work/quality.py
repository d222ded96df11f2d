"""Checks that measure: each reads the file, compares with a figure, and says both. None of them believes an output."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from apps.studio import buying, recovery
from apps.studio.media import draw, measure
from apps.studio.models import Shot
from workorders.triggers.mapping import Priority

from .job import Job, Made, Next

SHARP: Final = 200.0
"""A picture whose edges stand out less is out of focus."""
SMALLEST: Final = 320
DARKEST: Final = 8.0
ALIKE: Final = 0.6
"""Two frames next to each other that are less alike are a cut."""
SAME_LOOK: Final = 0.35
"""Shots of one film that are less alike than this do not belong together."""
SECONDS_APART: Final = 0.25
QUIETEST: Final = 0.005
Found = tuple[str, Any, bool]
"""What was measured, its figure, whether it will do."""


def features(job: Job) -> Made:
    """EXTRACT_FEATURES: what the picture of a shot looks like, for the bank of its character."""
    shot = job.shot()
    found = measure.picture(_read(job, job.named("artifact_url"))).wire()
    character = str(shot.spec.get("character_id", "unknown"))[:64]
    given = {"character_id": character, "features": found}
    return Made(
        output={"features": found, "character_id": character},
        following=[Next(task_type="UPDATE_DNA_BANK", given=given)],
    )


def update_bank(job: Job) -> Made:
    """UPDATE_DNA_BANK: what was measured of a character, over all its pictures. It alone changes that while it runs."""
    character, seen = str(job.input.get("character_id") or "unknown")[:64], job.input.get("features") or {}
    with job.changing() as film:
        before = film.dna_bank.get(character, {"pictures": 0})
        # A worker that died after this and before the task's end finds its own picture counted.
        mine = before.get("from") == job.context.task_id
        kept = before if mine else {**seen, "pictures": before["pictures"] + 1, "from": job.context.task_id}
        film.dna_bank = {**film.dna_bank, character: kept}
    told = {"character_id": character, "shot_id": job.input.get("shot_id", ""), "pictures": kept["pictures"]}
    return Made(output={"character": kept, "character_id": character}, events=[("DNA_BANK_UPDATED", told)])


def visual(job: Job) -> Made:
    """RUN_VISUAL_QA: a shot's picture. Passed: its preview is asked for; else its words are tuned, or a person."""
    shot = job.shot()
    found = measure.picture(_read(job, job.named("artifact_url")))
    report = _report(job, [
        ("width", found.width, found.width >= SMALLEST), ("sharpness", found.sharpness, found.sharpness >= SHARP),
        ("brightness", found.brightness, found.brightness >= DARKEST),
    ])  # fmt: skip
    about = {"shot_id": shot.shot_id, "artifact_url": job.input["artifact_url"]}
    if report["passed"]:
        asks = [] if job.input.get("keyframe_type", "start") != "start" else [("PREVIEW_VIDEO_REQUESTED", about)]
        return Made(output=report, events=[("QA_REPORT", {**about, **report}), *asks])
    return _not_passed(job, shot, report, about)


def _not_passed(job: Job, shot: Shot, report: dict[str, Any], about: dict[str, Any]) -> Made:
    tries = shot.tries + 1
    Shot.objects.filter(pk=shot.pk).update(tries=tries)
    reason = "; ".join(f"{one['what']} is {one['value']}" for one in report["checks"] if not one["ok"])
    failed = {**about, "failure_reason": reason, "qa_report": report, "tries": tries}
    reported = ("QA_REPORT", {**about, **report})
    if recovery.after_quality(tries=tries, cost_impact=Decimal(0)) == "human":
        gate = Next(task_type="HUMAN_REVIEW_REQUIRED", given={"failed": failed}, priority=Priority.HIGH)
        return Made(output=report, events=[reported, ("HUMAN_GATE_TRIGGERED", failed)], following=[gate])
    return Made(output=report, events=[reported, ("CONSISTENCY_FAILED", failed)])


def video(job: Job) -> Made:
    """RUN_VIDEO_QA: a shot's preview. Passed: the shot is approved."""
    shot = job.shot()
    found = measure.moving(_read(job, job.named("artifact_url")))
    wanted = float(shot.spec.get("seconds", found.seconds))
    report = _report(job, [
        ("frames", found.frames, found.frames >= 2), ("seconds", found.seconds, _near(found.seconds, wanted)),
        ("likeness", found.likeness, found.likeness >= ALIKE), ("moves", found.moves, found.moves),
    ])  # fmt: skip
    about = {"shot_id": shot.shot_id, "artifact_url": job.input["artifact_url"]}
    if report["passed"]:
        return Made(output=report, events=[("QA_REPORT", {**about, **report}), ("SHOT_APPROVED", about)])
    gate = Next(task_type="HUMAN_REVIEW_REQUIRED", given={"failed": {**about, "qa_report": report}})
    return Made(output=report, events=[("QA_REPORT", {**about, **report})], following=[gate])


def audio(job: Job) -> Made:
    """RUN_AUDIO_QA: a sound: how long, how loud."""
    found = measure.sound(_read(job, job.named("artifact_url")))
    wanted = float(job.input.get("seconds") or found.seconds)
    report = _report(job, [
        ("seconds", found.seconds, _near(found.seconds, wanted)),
        ("loudness", found.loudness, found.loudness >= QUIETEST), ("peak", found.peak, found.peak < 1),
    ])  # fmt: skip
    return Made(output=report, events=[("QA_REPORT", {"artifact_url": job.input["artifact_url"], **report})])


def cross_modal(job: Job) -> Made:
    """RUN_CROSS_MODAL_QA: the whole film beside its sound. Passed: it is shown."""
    seen, heard = (_read(job, job.named(name)) for name in ("artifact_url", "soundtrack_url"))
    moving, sound = measure.moving(seen), measure.sound(heard)
    report = _report(job, [
        ("seconds", moving.seconds, _near(moving.seconds, float(job.film.duration_seconds))),
        ("seconds apart", round(abs(moving.seconds - sound.seconds), 3), _near(moving.seconds, sound.seconds)),
        ("loudness", sound.loudness, sound.loudness >= QUIETEST),
    ])  # fmt: skip
    told = {name: job.input[name] for name in ("artifact_url", "soundtrack_url")}
    if report["passed"]:
        return Made(
            output=report, events=[("QA_REPORT", {**told, **report}), ("FINAL_VIDEO_READY", {**told, **moving.wire()})]
        )
    gate = Next(task_type="HUMAN_REVIEW_REQUIRED", given={"failed": {**told, "qa_report": report}})
    return Made(output=report, events=[("QA_REPORT", {**told, **report})], following=[gate])


def consistency(job: Job) -> Made:
    """CHECK_CONSISTENCY: the pictures of all shots beside each other."""
    work = buying.workspace(job.film)
    shots = list(job.film.shots.exclude(keyframe=""))
    pictures = [draw.read(work.read(shot.keyframe)) for shot in shots]
    pairs = list(pairwise(shots))
    found: list[Found] = []
    for place, (one, other) in enumerate(pairs):
        alike = measure.likeness(pictures[place], pictures[place + 1])
        found.append((f"{one.shot_id} and {other.shot_id}", alike, alike >= SAME_LOOK))
    report = _report(job, found)
    return Made(output=report, events=[("QA_REPORT", report)] if found else ())


def _report(job: Job, found: Sequence[Found]) -> dict[str, Any]:
    checks = [{"what": what, "value": value, "ok": bool(ok)} for what, value, ok in found]
    return {"check": job.context.type, "passed": all(one["ok"] for one in checks), "checks": checks}


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= SECONDS_APART


def _read(job: Job, path: str) -> bytes:
    return buying.workspace(job.film).read(path)
