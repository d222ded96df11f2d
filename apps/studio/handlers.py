"""Task type -> what is done, one line each: the 34 of a production, and the one that keeps a film open."""

from __future__ import annotations

from nexus import engine

from .tasks import BY_NAME, FILM
from .work import keeper, people, pictures, quality, sounds, texts, videos
from .work.job import Work, handling

WORK: dict[str, Work] = {
    "WRITE_SCRIPT": texts.write_script,
    "REWRITE_SCRIPT": texts.rewrite_script,
    "REVISE_SCRIPT": texts.revise_script,
    "PLAN_SHOTS": texts.plan_shots,
    "REVISE_SHOTS": texts.revise_shots,
    "ADJUST_PROMPTS": texts.adjust_prompts,
    "OPTIMIZE_PROMPTS": texts.optimize_prompts,
    "PROMPT_TUNING": texts.prompt_tuning,
    "GENERATE_KEYFRAME": pictures.keyframe,
    "GENERATE_KEYFRAME_START": pictures.keyframe_start,
    "GENERATE_KEYFRAME_MID": pictures.keyframe_mid,
    "GENERATE_KEYFRAME_END": pictures.keyframe_end,
    "EDIT_IMAGE": pictures.edit,
    "INPAINT_IMAGE": pictures.inpaint,
    "UPSCALE_KEYFRAME": pictures.upscale,
    "GENERATE_PREVIEW_VIDEO": videos.preview,
    "GENERATE_FINAL_VIDEO": videos.final,
    "MODEL_SWAP_RETRY": videos.swap,
    "ASSEMBLE_FINAL": videos.assemble,
    "ADD_EFFECTS": videos.add_effects,
    "COMPOSE_MUSIC": sounds.music,
    "GENERATE_MUSIC": sounds.music,
    "RENDER_VOICE": sounds.voice,
    "GENERATE_VOICE": sounds.voice,
    "EXTRACT_FEATURES": quality.features,
    "UPDATE_DNA_BANK": quality.update_bank,
    "RUN_VISUAL_QA": quality.visual,
    "RUN_VIDEO_QA": quality.video,
    "RUN_AUDIO_QA": quality.audio,
    "RUN_CROSS_MODAL_QA": quality.cross_modal,
    "CHECK_CONSISTENCY": quality.consistency,
    "REQUEST_APPROVAL": people.request_approval,
    "HANDLE_REVISION": people.handle_revision,
    "HUMAN_REVIEW_REQUIRED": people.human_review,
}

for name, work in WORK.items():
    engine.handler(name, queue=BY_NAME[name].queue, timeout=300)(handling(work))
engine.handler(FILM, queue="nexus.control", timeout=60)(keeper.keep_open)
