"""002 Rise: a workflow of stages is imported, simulated, asked in two languages, and looked at."""

from __future__ import annotations

import io
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.terminal.client import Json

from .stage import Stage, Told

SAMPLE = Path(__file__).resolve().parents[2] / "workflows" / "sample"
"""The bundle that Nexus is shipped with: whoever has the terminal has its files."""
ASKED = ("How do I renew my identity card?", "怎么换领身份证？")


def play(stage: Stage) -> Told:
    """Import, simulate, apply twice in one conversation, search the telemetry."""
    client = stage.client
    brought = client.upload("/api/workflows/import", name="rise.zip", data=_bundle(), fields={})
    stage.say(f"imported {brought['id']} version {brought['version']}: {len(brought['stages'])} stages")
    seen = client.post("/api/workflows/simulate", {"workflow": "rise", "text": ASKED[0]}, key=_key())
    quote = f"${seen['quote']['usual_usd']} to ${seen['quote']['most_usd']}"
    stage.say(f"simulated: {quote}, no model was asked")
    conversation = f"demo-{uuid.uuid4().hex[:8]}"
    answers = [_applied(stage, text, conversation) for text in ASKED]
    last = answers[-1]
    told = client.get(f"/api/workflows/telemetry?request_id={last['request_id']}")
    events = [str(one["event_type"]) for one in told["results"]]
    known = f"knowledge {str(brought['knowledge']['checksum'])[:20]}"
    cost = sum((Decimal(one["usage"]["cost_usd"]) for one in answers), Decimal(0))
    return Told(
        did=(
            f"imported {brought['id']} v{brought['version']}: {len(brought['stages'])} stages, {known}…",
            f"simulated its {len(seen['graph'])} stages: {quote}",
            *(_line(text, one) for text, one in zip(ASKED, answers, strict=True)),
            f"found {len(events)} events of the last request: {', '.join(sorted(set(events)))}",
        ),
        cost_usd=cost,
        look=(str(last["url"]), str(last["telemetry_url"]), "/api/workflows/rise"),
        ended=all(one["status"] == "completed" and one["assistantReply"] for one in answers),
    )


def _applied(stage: Stage, text: str, conversation: str) -> Json:
    """The answer to what is asked, as soon as there is one."""
    asked = {"workflow": "rise", "text": text, "conversation": conversation, "wait_seconds": 15}
    answer = stage.client.post("/api/workflows/apply", asked, key=_key())
    stage.say(f"{answer['order']}: {' → '.join(str(one['stage']) for one in answer['stages'])}")

    def ended() -> Json | None:
        found = stage.client.get(str(answer["look"]))
        return found if found["status"] not in ("queued", "in_progress") else None

    return stage.until(ended, what=f"{answer['order']} to end", within=30)


def _line(text: str, answer: dict[str, Any]) -> str:
    stages = [one for one in answer["stages"] if one["model"]]
    reply = " ".join(str(answer["assistantReply"]).split())
    return f"{text} → {len(stages)} models' answers kept their contracts → {reply[:80]}"


def _bundle() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(SAMPLE.rglob("*")):
            if path.is_file():
                packed.writestr(path.relative_to(SAMPLE).as_posix(), path.read_bytes())
    return target.getvalue()


def _key() -> str:
    return str(uuid.uuid4())
