"""What a task of a film is given, and how its end is written: its events, their tasks, its output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from apps.studio import checkpoints, inputs, publish, recovery, strategy
from apps.studio.errors import EventIncomplete, MediaFailed, ShotUnknown
from apps.studio.models import Film, FilmEvent, Shot
from apps.studio.tasks import BY_NAME
from nexus import engine
from workorders.triggers.mapping import Priority, Rule


@dataclass(frozen=True, kw_only=True)
class Job:
    """One task of a film."""

    context: engine.Context
    film: Film

    @property
    def input(self) -> dict[str, Any]:
        """What its event gave it."""
        return self.context.input

    def named(self, name: str, *, of: Mapping[str, Any] | None = None) -> str:
        """What its event, or a part of that, says in this field; raise EventIncomplete."""
        if not (said := str((self.input if of is None else of).get(name) or "")):
            raise EventIncomplete(f"{self.context.type} needs {name!r}, and its event does not say it", field=name)
        return said

    def shot(self) -> Shot:
        """The shot that it is about; raise ShotUnknown."""
        asked = str(self.input.get("shot_id", ""))[:32]
        found = Shot.objects.filter(film=self.film, shot_id=asked).first()
        spec = self.input.get("shot_spec")
        if found is None and asked and isinstance(spec, dict):
            # Planned outside, and told by its event.
            place = {"place": self.film.shots.count(), "spec": {**spec, "shot_id": asked}}
            found, _ = Shot.objects.get_or_create(film=self.film, shot_id=asked, defaults=place)
        if found is None:
            raise ShotUnknown(f"There is no shot {asked!r}", shot_id=asked)
        return found

    @contextmanager
    def changing(self) -> Iterator[Film]:
        """The film as it is now, for this task to change: stored at the end of the block, if the task is still ours."""
        with transaction.atomic():
            film = locked(self.film)
            self.context.hold()
            yield film
            film.save(update_fields=["script", "prompts", "dna_bank", "strategy"])

    def event(self) -> FilmEvent:
        """The event that brought it about."""
        return FilmEvent.objects.get(film=self.film, event_id=self.input["event_id"])


@dataclass(frozen=True, kw_only=True)
class Next:
    """A task that follows without an event."""

    task_type: str
    given: Mapping[str, Any] = field(default_factory=dict)
    priority: int = Priority.NORMAL


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a task ends well."""

    output: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Type and payload, in order: published, and their tasks written, with the end of this one."""
    following: Sequence[Next] = ()
    finishes: tuple[int, str] | None = None
    """A shot's row and its final file: written with the events, so that one of two that end together sees the other."""
    passes: FilmEvent | None = None
    """A gated event that goes on now: its mapped tasks are written."""


def locked(film: Film) -> Film:
    """The film's row, for this transaction: first of all locks, before the run's and the task's."""
    return Film.objects.select_for_update(no_key=True, of=("self",)).select_related("order").get(pk=film.pk)


Work = Callable[[Job], Made | engine.Outcome]


def handling(work: Work) -> Callable[[engine.Context], engine.Outcome]:
    """A handler of the engine, of what a task type does."""

    def handle(context: engine.Context) -> engine.Outcome:
        context.check()
        job = Job(context=context, film=Film.objects.of_run(context.run_id))
        try:
            made = work(job)
        except MediaFailed as failed:
            made = _after_failure(job, failed)
        return _end(job, made) if isinstance(made, Made) else made

    return handle


def _after_failure(job: Job, failed: MediaFailed) -> Made | engine.Outcome:
    """Again while attempts are left; then by the backup model, with what is there, or by a person."""
    step = recovery.next_step(job.context.type, attempt=job.context.attempt, most=job.context.claim.max_attempts)
    if step == "again":
        raise failed
    told = {"task_type": job.context.type, "reason": str(failed), "shot_id": job.input.get("shot_id", ""), "step": step}
    output = {"failed": str(failed), "step": step}
    if step == "swap":
        given = {**job.input, "swapped": job.context.type}
        swap = Next(task_type="MODEL_SWAP_RETRY", given=given, priority=Priority.HIGH)
        return Made(output=output, events=[("ERROR_DETECTED", told)], following=[swap])
    gate = Next(task_type="HUMAN_REVIEW_REQUIRED", given={**job.input, "failed": told}, priority=Priority.HIGH)
    return Made(output=output, events=[("HUMAN_GATE_TRIGGERED", told)], following=[gate])


def _end(job: Job, made: Made) -> engine.Outcome:
    """Publish in one transaction; a worker that dies after it publishes nothing twice."""
    then: list[engine.TaskSpec] = []
    if made.events:
        with transaction.atomic():
            film = locked(job.film)
            for number, (event_type, payload) in enumerate(_said(job, film, made)):
                then += publish.publish(job.context, film, event_type, payload, number=number)
    if made.passes is not None:
        event = FilmEvent.objects.get(pk=made.passes.pk)
        event.tasks = []  # those it has are the question; these are what it asked about
        then += publish.tasks_of(job.film, event, after=job.context.key, is_passed=True)
    then += [following(job, one, place) for place, one in enumerate(made.following)]
    return engine.Done(output={"agent": job.input.get("agent", ""), **made.output}, then=then)


def _said(job: Job, film: Film, made: Made) -> list[tuple[str, Mapping[str, Any]]]:
    """The events of a task, and those that follow from them at once."""
    said = [*made.events, *_finished(job, film, made)]
    shown = [payload for event_type, payload in made.events if event_type == "FINAL_VIDEO_READY"]
    if shown and not checkpoints.holds(film, "FINAL_VIDEO_READY"):
        said += [("PROJECT_DELIVERED", shown[0]), ("PROJECT_FINALIZED", {})]
    return [*said, *strategy.warnings(job.context, film)]


def _finished(job: Job, film: Film, made: Made) -> list[tuple[str, Mapping[str, Any]]]:
    """That all shots are ready, where this one was the last. The film is locked: two that end come one by one."""
    if made.finishes is None:
        return []
    ready = ("ALL_SHOTS_READY", {"shots": list(film.shots.values_list("shot_id", flat=True))})
    said = film.events.filter(task_id=job.context.task_id)
    if said.exists():  # a worker died after it had said so
        return [ready] if said.filter(type=ready[0]).exists() else []
    job.context.hold()
    shot, path = made.finishes
    film.shots.filter(pk=shot).update(final=path)
    return [] if film.shots.filter(final="").exists() else [ready]


def following(job: Job, one: Next, place: int) -> engine.TaskSpec:
    """A task that comes after this one; its key is the same when this one runs again."""
    rule = Rule(event_type="", task_type=one.task_type, agent=BY_NAME[one.task_type].agent, priority=one.priority)
    given = {name: value for name, value in job.input.items() if name != "agent"} | dict(one.given)
    key = inputs.key_of(job.context.task_id, one.task_type, place)
    return inputs.spec(job.film, rule, given, key=key, after=(job.context.key,))
