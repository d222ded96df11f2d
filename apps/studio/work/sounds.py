"""Music and voices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.studio import buying, strategy
from apps.studio.errors import MediaFailed
from apps.studio.media import measure, sound
from apps.studio.media.maker import Kind, Wanted

from .job import Job, Made, Next

SPOKEN = 400


def music(job: Job) -> Made:
    """COMPOSE_MUSIC, GENERATE_MUSIC: as long as the film."""
    return _made(job, "music", job.film.title, "MUSIC_COMPOSED", stock=lambda: _stock(job))


def voice(job: Job) -> Made:
    """RENDER_VOICE, GENERATE_VOICE: the beginning of the script, spoken."""
    words = job.film.script[:SPOKEN] or job.film.title
    return _made(job, "voice", words, "VOICE_RENDERED", stock=lambda: sound.voice(words, seconds=_seconds(job)))


def _made(job: Job, kind: Kind, words: str, event_type: str, *, stock: Callable[[], bytes]) -> Made:
    wanted = Wanted(
        kind=kind, prompt=words, seconds=_seconds(job), quality=strategy.quality(job.film),
        spec=job.film.user_options.get("sound", {}),
    )  # fmt: skip
    name = f"sounds/{kind}-{job.context.task_id}.wav"
    degraded = False
    try:
        output: dict[str, Any] = buying.buy(job.context, job.film, wanted, name=name).wire()
    except MediaFailed:
        if job.context.attempt < job.context.claim.max_attempts:
            raise
        # A film can do with stock music and a plain voice; it cannot wait for ever.
        buying.workspace(job.film).write(name, stock())
        output, degraded = {"artifact_url": name, "cost_usd": "0"}, True
    measured = measure.sound(buying.workspace(job.film).read(name)).wire()
    told = {"artifact_url": name, "seconds": measured["seconds"], "degraded": degraded}
    check = Next(task_type="RUN_AUDIO_QA", given={"artifact_url": name, "seconds": wanted.seconds})
    return Made(
        output={**output, **told, "sound": kind, "measured": measured}, events=[(event_type, told)], following=[check]
    )


def _seconds(job: Job) -> float:
    return float(job.film.duration_seconds)


def _stock(job: Job) -> bytes:
    return sound.melody("stock", seconds=_seconds(job))
