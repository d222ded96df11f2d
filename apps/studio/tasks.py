"""The task types of a production: who does each, in which queue, and what it must have for itself alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AGENTS, TOOLS, CONTROL = "nexus.agents", "nexus.tools", "nexus.control"


@dataclass(frozen=True, kw_only=True)
class TaskType:
    """One of the 34."""

    name: str
    agent: str
    """Who does it, as people are shown."""
    queue: str
    lock: str = ""
    """What of the film it alone may change while it runs: shots, prompts, dna_bank."""


def _types(agent: str, queue: str, *names: str, lock: str = "") -> list[TaskType]:
    return [TaskType(name=name, agent=agent, queue=queue, lock=lock) for name in names]


ALL: Final = (
    *_types("ScriptWriter", AGENTS, "WRITE_SCRIPT", "REWRITE_SCRIPT", "REVISE_SCRIPT"),
    *_types("ShotDirector", AGENTS, "PLAN_SHOTS", "REVISE_SHOTS", lock="shots"),
    *_types("PromptEngineer", AGENTS, "ADJUST_PROMPTS", "OPTIMIZE_PROMPTS", "PROMPT_TUNING", lock="prompts"),
    *_types(
        "ImageGenAgent", TOOLS,
        "GENERATE_KEYFRAME", "GENERATE_KEYFRAME_START", "GENERATE_KEYFRAME_MID", "GENERATE_KEYFRAME_END",
        "EDIT_IMAGE", "INPAINT_IMAGE", "UPSCALE_KEYFRAME",
    ),
    *_types("VideoGenAgent", TOOLS, "GENERATE_PREVIEW_VIDEO", "GENERATE_FINAL_VIDEO", "MODEL_SWAP_RETRY"),
    *_types("Editor", TOOLS, "ASSEMBLE_FINAL", "ADD_EFFECTS"),
    *_types("MusicComposer", TOOLS, "COMPOSE_MUSIC", "GENERATE_MUSIC"),
    *_types("VoiceActor", TOOLS, "RENDER_VOICE", "GENERATE_VOICE"),
    *_types("ArtDirector", TOOLS, "EXTRACT_FEATURES"),
    *_types("ArtDirector", TOOLS, "UPDATE_DNA_BANK", lock="dna_bank"),
    *_types(
        "ConsistencyGuardian", TOOLS,
        "RUN_VISUAL_QA", "RUN_VIDEO_QA", "RUN_AUDIO_QA", "RUN_CROSS_MODAL_QA", "CHECK_CONSISTENCY",
    ),
    *_types("ChefAgent", CONTROL, "REQUEST_APPROVAL", "HANDLE_REVISION", "HUMAN_REVIEW_REQUIRED"),
)  # fmt: skip
BY_NAME: Final = {one.name: one for one in ALL}
FILM: Final = "FILM_OPEN"
"""Keeps a film's run open from its first event to its last; nobody's work."""


def lock_of(name: str, *, film: int, character: str = "") -> str | None:
    """The exclusive key of a task, or None."""
    match BY_NAME[name].lock:
        case "":
            return None
        case "dna_bank":
            return f"film:{film}:dna_bank:{character[:64] or 'unknown'}"
        case lock:
            return f"film:{film}:{lock}"
