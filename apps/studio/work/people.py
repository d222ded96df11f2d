"""Checkpoints, revisions, and a person's gate where nothing else helps."""

from __future__ import annotations

from typing import Any

from apps.studio import checkpoints, publish, recovery
from apps.studio.errors import EventIncomplete
from apps.studio.models import FilmEvent
from nexus import engine
from nexus.transactions import opens_transaction
from workorders.triggers.mapping import Priority

from .job import Job, Made, Next, locked

ASKED, DECIDED = 0, 1
"""Numbers of the events that a checkpoint publishes: that people are asked, and what they said."""


def request_approval(job: Job) -> Made | engine.Outcome:
    """REQUEST_APPROVAL: people see what it is about. Approved, its tasks follow; revised, the stage is made again."""
    event = job.event()
    said = job.context.decision(event.type)
    if said is None:
        asked = checkpoints.content(job.film, event)
        _say(job, "USER_APPROVAL_REQUIRED", asked, ASKED)
        return engine.Ask(gate=checkpoints.gate(job.film, event.type), content=asked)
    told = {"stage": event.type, "by": said.by, "notes": said.reason, "event_id": event.event_id}
    asked_about = ("USER_APPROVAL_REQUIRED", dict(said.content))
    if said.is_approved:
        events = [asked_about, ("USER_APPROVED", told)]
        if event.type == "FINAL_VIDEO_READY":
            events += [("PROJECT_DELIVERED", dict(event.payload)), ("PROJECT_FINALIZED", {})]
        return Made(output={"decision": "approve", **told}, events=events, passes=event)
    if said.outcome == "revised":
        return Made(
            output={"decision": "revise", **told}, events=[asked_about, ("USER_REVISION_REQUESTED", told)],
            following=[_revision(event, said.reason, redo=False)],
        )  # fmt: skip
    return _rejected(job, event, said, told)


def _rejected(job: Job, event: FilmEvent, said: engine.Decision, told: dict[str, Any]) -> Made:
    redo = job.film.user_options.get("on_reject") == "redo"
    made = Made(
        output={"decision": "reject", **told}, following=[_revision(event, said.reason, redo=True)] if redo else (),
        events=[("USER_APPROVAL_REQUIRED", dict(said.content)), ("USER_REJECTED", told)],
    )  # fmt: skip
    if not redo:
        _say(job, "USER_REJECTED", told, DECIDED)
        _end_film(job, said)
    return made


def _end_film(job: Job, said: engine.Decision) -> None:
    try:
        engine.cancel(run_id=job.context.run_id, actor=said.by, reason=said.reason)
    except engine.IllegalMove:
        return  # somebody was faster
    job.context.check()


def _revision(event: FilmEvent, notes: str, *, redo: bool) -> Next:
    given = {"stage": event.type, "notes": notes, "redo": redo, "payload": event.payload}
    return Next(task_type="HANDLE_REVISION", given=given, priority=Priority.NORMAL)


def handle_revision(job: Job) -> Made:
    """HANDLE_REVISION: the stage that was sent back is made again, with the notes; its checkpoint opens once more."""
    stage = job.named("stage")
    if stage not in checkpoints.REDONE_BY:
        stages = ", ".join(checkpoints.REDONE_BY)
        raise EventIncomplete(f"HANDLE_REVISION makes one of {stages} again, not {stage[:40]!r}", field="stage")
    again = checkpoints.REDONE_BY[stage][bool(job.input.get("redo"))]
    payload = job.input["payload"]
    given: dict[str, Any] = {"notes": job.input.get("notes", ""), "payload": payload}
    if "shot_id" in payload:
        given["shot_id"] = payload["shot_id"]
    return Made(
        output={"stage": stage, "made_again_by": again},
        following=[Next(task_type=again, given=given, priority=Priority.NORMAL)],
    )


def human_review(job: Job) -> Made | engine.Outcome:
    """HUMAN_REVIEW_REQUIRED: approve takes what there is, revise tries again, reject ends the film."""
    failed = dict(job.input.get("failed") or {})
    said = job.context.decision("HUMAN_GATE")
    if said is None:
        gate = engine.Gate(
            message=f"{job.film.title}: {failed.get('reason') or failed.get('failure_reason') or 'it did not pass'}",
            checkpoint="HUMAN_GATE", allows=checkpoints.OPTIONS, requester=job.film.order.requester,
            on_reject="run_again",
        )  # fmt: skip
        return engine.Ask(gate=gate, content={"failed": failed, "options": list(recovery.OPTIONS)})
    told = {**failed, "by": said.by, "notes": said.reason}
    if said.outcome == "rejected":
        _end_film(job, said)
        return Made(output={"decision": "reject", **told})
    if said.is_approved:
        return Made(output={"decision": "approve", **told}, events=_as_it_is(failed))
    again = str(failed.get("task_type") or _makes(failed))
    given = {name: value for name, value in job.input.items() if name != "failed"} | {"notes": said.reason}
    return Made(
        output={"decision": "revise", **told}, events=[("ERROR_CORRECTION_REQUESTED", told)],
        following=[Next(task_type=again, given=given, priority=Priority.HIGH)],
    )  # fmt: skip


def _makes(failed: dict[str, Any]) -> str:
    check = str((failed.get("qa_report") or {}).get("check", ""))
    return {"RUN_VIDEO_QA": "GENERATE_PREVIEW_VIDEO", "RUN_CROSS_MODAL_QA": "ASSEMBLE_FINAL"}.get(
        check, "GENERATE_KEYFRAME"
    )


def _as_it_is(failed: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What would have followed, had it passed."""
    about = {name: failed[name] for name in ("shot_id", "artifact_url", "soundtrack_url") if failed.get(name)}
    match str((failed.get("qa_report") or {}).get("check", "")):
        case "RUN_VISUAL_QA":
            return [("PREVIEW_VIDEO_REQUESTED", about)]
        case "RUN_VIDEO_QA":
            return [("SHOT_APPROVED", about)]
        case "RUN_CROSS_MODAL_QA":
            return [("FINAL_VIDEO_READY", about)]
        case _:
            return []


@opens_transaction
def _say(job: Job, event_type: str, payload: dict[str, Any], number: int) -> None:
    """Publish now what is not said with the task's end: it parks, or is cancelled."""
    publish.publish(job.context, locked(job.film), event_type, payload, number=number)
