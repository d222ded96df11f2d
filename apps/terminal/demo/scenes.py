"""Which scenes there are, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import builder, film, pipeline, rise
from .stage import Stage, Told


@dataclass(frozen=True)
class Scene:
    """A system, and what plays it. TerminalError says why it broke off."""

    name: str
    title: str
    play: Callable[[Stage], Told]


SCENES: tuple[Scene, ...] = (
    Scene(name="pipeline", title="Orders from conversations", play=pipeline.play),
    Scene(name="builder", title="An agent is built, asked and talked with", play=builder.play),
    Scene(name="rise", title="A workflow of stages", play=rise.play),
    # 4. tickets and OpenAI's clients
    Scene(name="film", title="A film, its checkpoints and its bills", play=film.play),
)
