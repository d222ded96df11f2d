"""Keyframes, and what is made of them."""

from __future__ import annotations

from typing import Any

from apps.studio import buying, strategy
from apps.studio.media import measure
from apps.studio.media.maker import Wanted
from apps.studio.models import Shot

from .job import Job, Made

SCALE = 2


def keyframe(job: Job) -> Made:
    """GENERATE_KEYFRAME: the picture that a shot begins with."""
    return _keyframe(job, "start", is_main=True)


def keyframe_start(job: Job) -> Made:
    """GENERATE_KEYFRAME_START: its first moment."""
    return _keyframe(job, "start", is_main=False)


def keyframe_mid(job: Job) -> Made:
    """GENERATE_KEYFRAME_MID: the middle."""
    return _keyframe(job, "mid", is_main=False)


def keyframe_end(job: Job) -> Made:
    """GENERATE_KEYFRAME_END: the end."""
    return _keyframe(job, "end", is_main=False)


def _keyframe(job: Job, moment: str, *, is_main: bool) -> Made:
    shot = job.shot()
    words = str(job.film.prompts.get(shot.shot_id, shot.spec.get("description", job.film.title)))
    prompt = words if is_main else f"{words}, {moment}"
    quality = strategy.quality(job.film)
    wanted = Wanted(kind="image", prompt=prompt, quality=quality, spec=shot.spec)
    name = f"shots/{shot.shot_id}/{'keyframe' if is_main else moment}-{job.context.task_id}.png"
    made = buying.buy(job.context, job.film, wanted, name=name)
    if is_main:
        Shot.objects.filter(pk=shot.pk).update(keyframe=made.path)
    told = {"shot_id": shot.shot_id, "artifact_url": made.path, "keyframe_type": moment, "quality": quality}
    return Made(output={**told, **made.wire(), **_measured(job, made.path)}, events=[("IMAGE_GENERATED", told)])


def edit(job: Job) -> Made:
    """EDIT_IMAGE: something else in the middle of it, as the notes say."""
    return _worked_on(job, "edit", str(job.input.get("notes") or job.input["payload"].get("instruction") or "edited"))


def inpaint(job: Job) -> Made:
    """INPAINT_IMAGE: a part of it drawn anew."""
    return _worked_on(job, "inpaint", str(job.input["payload"].get("instruction") or "drawn anew"))


def upscale(job: Job) -> Made:
    """UPSCALE_KEYFRAME: twice as wide and as high."""
    return _worked_on(job, "upscale", "upscaled", scale=SCALE)


def _worked_on(job: Job, how: str, prompt: str, **spec: Any) -> Made:
    shot = job.shot()
    source = buying.workspace(job.film).read(shot.keyframe)
    wanted = Wanted(kind="image", prompt=prompt[:2000], quality=strategy.quality(job.film), source=source, spec=spec)
    made = buying.buy(job.context, job.film, wanted, name=f"shots/{shot.shot_id}/{how}-{job.context.task_id}.png")
    Shot.objects.filter(pk=shot.pk).update(keyframe=made.path)
    told = {"shot_id": shot.shot_id, "artifact_url": made.path, "keyframe_type": how}
    return Made(output={**told, **made.wire(), **_measured(job, made.path)}, events=[("IMAGE_EDITED", told)])


def _measured(job: Job, path: str) -> dict[str, Any]:
    return {"measured": measure.picture(buying.workspace(job.film).read(path)).wire()}
