"""Scripts, shots and prompts: model calls, and what is kept of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents import calls, prompts
from apps.studio.media.sandbox import TUNED
from apps.studio.models import Film, Shot
from workorders import instructions
from workorders.language import language_of

from .job import Job, Made, Next

ROLES = {"ScriptWriter": "director", "ShotDirector": "director", "PromptEngineer": "intern"}
"""Whose model an agent works with."""
SHOTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shots": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"}, "camera": {"type": "string"}, "character": {"type": "string"},
                },
                "required": ["description", "camera", "character"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["shots"],
    "additionalProperties": False,
}  # fmt: skip
LONGEST = 20_000


def _asked(job: Job, instruction: str, *, kind: str = "section", title: str = "", **more: Any) -> Any:
    film = job.film
    prompt = prompts.compose(
        kind, instruction=instruction, request=film.brief, section=(title or film.title, instruction), **more
    )
    answer = calls.call(
        job.context, role=ROLES[job.input.get("agent", "")] if job.input.get("agent") in ROLES else "director",
        step=1, system=instructions.answer_in(language_of(film.brief)), prompt=prompt,
        schema=SHOTS if kind == "shots" else None,
    )  # fmt: skip
    return answer.data if kind == "shots" else answer.text.strip()[:LONGEST]


def _notes(job: Job) -> list[str]:
    said = str(job.input.get("notes") or "").strip()
    return [said] if said else []


def write_script(job: Job) -> Made:
    """WRITE_SCRIPT: from the brief."""
    return _script(job, "Write the script of this film: its scenes, in order, and what is seen and said in each.")


def rewrite_script(job: Job) -> Made:
    """REWRITE_SCRIPT: from the brief again, another way than before."""
    return _script(job, "Write another script of this film. The one before was refused: begin anew.", kind="section")


def revise_script(job: Job) -> Made:
    """REVISE_SCRIPT: the script, by the notes of a person."""
    return _script(job, "Revise the script by every point of the feedback; keep what was good.", draft=job.film.script)


def _script(job: Job, instruction: str, **more: Any) -> Made:
    script = _asked(job, instruction, title="Script", feedback=_notes(job), **more)
    with job.changing() as film:
        film.script = script
    return Made(output={"script": script}, events=[("SCENE_WRITTEN", {"script": script, "scene_id": "scene-01"})])


def plan_shots(job: Job) -> Made:
    """PLAN_SHOTS: the script, cut into shots. It alone changes them while it runs."""
    return _shots(job, "Cut this script into shots: what is seen, how the camera moves, who is in it.")


def revise_shots(job: Job) -> Made:
    """REVISE_SHOTS: the shots, by the notes of a person."""
    return _shots(job, "Plan the shots again by every point of the feedback.")


def _shots(job: Job, instruction: str) -> Made:
    film = job.film
    said = _asked(
        job, instruction, kind="shots", title="Shots", draft=film.script, feedback=_notes(job)
    )["shots"]  # fmt: skip
    given = [one for one in film.user_options.get("shots", ()) if isinstance(one, Mapping)]
    planned = [_shot(film, place, said, given) for place in range(film.shots_wanted)]
    sounds = not film.shots.exists()
    with job.changing() as film:
        film.shots.all().delete()
        Shot.objects.bulk_create(
            Shot(film=film, shot_id=one["shot_id"], place=place, spec=one) for place, one in enumerate(planned)
        )
        film.prompts = {one["shot_id"]: one["description"] for one in planned}
    following = [Next(task_type="COMPOSE_MUSIC"), Next(task_type="RENDER_VOICE")] if sounds else []
    return Made(output={"shots": planned}, events=[("SHOT_PLANNED", {"shots": planned})], following=following)


def _shot(film: Film, place: int, said: list[dict[str, Any]], given: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What the model said of it; what the film's own options say of it stands above that."""
    words = said[place % len(said)] if said else {}
    asked = given[place] if place < len(given) else {}
    return {
        "description": str(words.get("description") or film.title)[:500],
        "camera": str(words.get("camera", ""))[:200],
        "character_id": str(words.get("character") or "lead")[:64],
        **asked,
        "shot_id": f"shot-{place + 1:02d}",
        "seconds": round(film.duration_seconds / film.shots_wanted, 3),
    }


def adjust_prompts(job: Job) -> Made:
    """ADJUST_PROMPTS: after a failure the shot's words are tuned and it is drawn again; else they follow the bank."""
    shot_id = str(job.input.get("shot_id", ""))[:32]
    if job.input["event_type"] != "CONSISTENCY_FAILED":
        colours = ", ".join(sorted({one["colour"] for one in job.film.dna_bank.values() if "colour" in one}))
        words = _kept(job, shot_id, suffix=f", in the colours {colours}" if colours else "")
        return Made(output={"prompt": words}, events=[("PROMPT_ADJUSTMENT", {"shot_id": shot_id, "prompt": words})])
    tuned = prompt_tuning(job)
    return Made(output=tuned.output, events=[*tuned.events, ("KEYFRAME_REQUESTED", {"shot_id": shot_id})])


def optimize_prompts(job: Job) -> Made:
    """OPTIMIZE_PROMPTS: every shot's words, shorter and plainer."""
    with job.changing() as film:
        film.prompts = {shot: " ".join(str(words).split())[:500] for shot, words in film.prompts.items()}
    return Made(output={"prompts": film.prompts}, events=[("PROMPT_ADJUSTMENT", {"prompts": film.prompts})])


def prompt_tuning(job: Job) -> Made:
    """PROMPT_TUNING: a shot's words, by what was wrong with its picture."""
    shot_id = str(job.input.get("shot_id", ""))[:32]
    reason = str(job.input.get("failure_reason") or "It did not pass")
    advice = _asked(
        job, "Say in one line how the prompt of this picture should change.", title="Prompt", feedback=[reason]
    )
    words = _kept(job, shot_id, suffix=f", {TUNED}")
    told = {"shot_id": shot_id, "prompt": words, "reason": reason}
    return Made(output={"prompt": words, "advice": advice[:500]}, events=[("PROMPT_ADJUSTMENT", told)])


def _kept(job: Job, shot_id: str, *, suffix: str) -> str:
    """The shot's words with something added, once."""
    with job.changing() as film:
        words = str(film.prompts.get(shot_id, film.title))
        if suffix and suffix not in words:
            words = (words + suffix)[:2000]
            film.prompts = {**film.prompts, shot_id: words}
    return words
