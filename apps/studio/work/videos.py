"""Previews, finals and the whole film."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.studio import buying, strategy
from apps.studio.errors import MediaFailed
from apps.studio.media import clip, draw, effects, measure, sound
from apps.studio.media.maker import Wanted
from apps.studio.models import Shot

from .job import Job, Made, Next


def preview(job: Job) -> Made:
    """GENERATE_PREVIEW_VIDEO: the shot, small."""
    shot = job.shot()
    made = _moved(job, shot, "preview", {**shot.spec, "preview": True})
    return _previewed(shot, made)


def _previewed(shot: Shot, made: dict[str, Any]) -> Made:
    Shot.objects.filter(pk=shot.pk).update(preview=made["artifact_url"])
    told = {"shot_id": shot.shot_id, "artifact_url": made["artifact_url"]}
    return Made(output=made, events=[("PREVIEW_VIDEO_READY", told)])


def final(job: Job) -> Made:
    """GENERATE_FINAL_VIDEO: the shot as it will be seen."""
    shot = job.shot()
    return _finished(job, shot, _moved(job, shot, "final", shot.spec))


def swap(job: Job) -> Made:
    """MODEL_SWAP_RETRY: the same by the backup model; where that fails too, what there is of the shot."""
    shot = job.shot()
    is_final = job.input.get("swapped") != "GENERATE_PREVIEW_VIDEO"
    spec = shot.spec if is_final else {**shot.spec, "preview": True}
    try:
        made = _moved(job, shot, "swapped", spec, backup=True)
    except MediaFailed:
        if job.context.attempt < job.context.claim.max_attempts:
            raise
        made = _degraded(job, shot, is_final=is_final)
    told = _finished(job, shot, made) if is_final else _previewed(shot, made)
    corrected = ("ERROR_CORRECTED", {"shot_id": shot.shot_id, "degraded": made.get("degraded", False)})
    return replace(told, events=[corrected, *told.events])


def _degraded(job: Job, shot: Shot, *, is_final: bool) -> dict[str, Any]:
    """The preview in place of the final; a still that moves in place of the preview."""
    work = buying.workspace(job.film)
    if is_final and shot.preview:
        data = work.read(shot.preview)
    else:
        data = clip.webp([draw.read(work.read(shot.keyframe))] * 2, seconds=_seconds(shot))
    name = f"shots/{shot.shot_id}/degraded-{job.context.task_id}.webp"
    work.write(name, data)
    return {"artifact_url": name, "degraded": True, "measured": measure.moving(data).wire(), "cost_usd": "0"}


def _seconds(shot: Shot) -> float:
    return float(shot.spec.get("seconds", 1))


def _moved(job: Job, shot: Shot, what: str, spec: dict[str, Any], *, backup: bool = False) -> dict[str, Any]:
    work, quality = buying.workspace(job.film), strategy.quality(job.film)
    words = str(job.film.prompts.get(shot.shot_id, job.film.title))
    wanted = Wanted(
        kind="video", prompt=words, seconds=_seconds(shot), quality=quality, source=work.read(shot.keyframe),
        spec=spec, backup=backup,
    )  # fmt: skip
    made = buying.buy(job.context, job.film, wanted, name=f"shots/{shot.shot_id}/{what}-{job.context.task_id}.webp")
    return {**made.wire(), "quality": quality, "measured": measure.moving(work.read(made.path)).wire()}


def _finished(job: Job, shot: Shot, made: dict[str, Any]) -> Made:
    """The shot is done; whoever finishes the last one says that all of them are."""
    told = {"shot_id": shot.shot_id, "artifact_url": made["artifact_url"]}
    return Made(output=made, events=[("VIDEO_GENERATED", told)], finishes=(shot.pk, made["artifact_url"]))


def assemble(job: Job) -> Made:
    """ASSEMBLE_FINAL: the shots one after the other, their music and voice laid over each other. Nothing is bought."""
    work = buying.workspace(job.film)
    shots = list(job.film.shots.exclude(final=""))
    frames, seconds = clip.joined([work.read(shot.final) for shot in shots])
    if not frames:
        return Made(output={"shots": 0})
    name = _written(job, clip.webp(frames, seconds=seconds), "film", "webp")
    sounds = [one["artifact_url"] for one in job.context.parents().values() if one.get("sound")]
    track = _written(job, sound.mixed([work.read(one) for one in sounds], seconds=seconds), "soundtrack", "wav")
    told = {"artifact_url": name, "soundtrack_url": track, "seconds": seconds, "shots": len(shots)}
    output = {**told, "measured": measure.moving(work.read(name)).wire()}
    return Made(output=output, following=[Next(task_type="RUN_CROSS_MODAL_QA", given=told)])


def add_effects(job: Job) -> Made:
    """ADD_EFFECTS: the whole film in another light, as the notes say; then it is shown again."""
    work, before = buying.workspace(job.film), job.input["payload"]
    frames, seconds = clip.frames(work.read(job.named("artifact_url", of=before)))
    lit = [
        effects.lit(one, str(job.input.get("notes", "")), at=place / len(frames)) for place, one in enumerate(frames)
    ]
    name = _written(job, clip.webp(lit, seconds=seconds), "film", "webp")
    told = {**before, "artifact_url": name, "seconds": seconds}
    return Made(
        output={**told, "measured": measure.moving(work.read(name)).wire()}, events=[("FINAL_VIDEO_READY", told)]
    )


def _written(job: Job, data: bytes, what: str, ending: str) -> str:
    name = f"{what}-{job.context.task_id}.{ending}"
    buying.workspace(job.film).write(name, data)
    return name
