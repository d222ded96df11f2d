"""Transcriptions: a sound in, its words out. What it says proves that the file was read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from apps.sandbox import tokens
from apps.sandbox.files import reading, told
from apps.sandbox.files.reading import File, Unreadable
from apps.sandbox.multipart import Part
from apps.sandbox.openai import checks, models
from apps.sandbox.problem import Problem, invalid
from apps.sandbox.script import Script
from apps.sandbox.sse import pieces, unnamed

FIELDS = {
    "file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]", "include[]",
    "stream", "chunking_strategy", "known_speaker_names[]", "known_speaker_references[]", "keywords[]", "languages[]",
}  # fmt: skip
FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")
WHISPER = "whisper-1"
MOST_BYTES = 25 * 1024 * 1024
FEWEST_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """What was heard."""

    text: str
    file: File
    model: str
    form: str
    language: str
    usage: dict[str, Any]


def heard(body: object, script: Script) -> Transcript:
    """Read the request and listen. Raise Problem where the provider would refuse."""
    fields, part = _checked(body)
    file = _read(part)
    if file.seconds < FEWEST_SECONDS and file.media_type == "audio/wav":
        raise invalid(
            f"Audio file is too short. Minimum audio length is {FEWEST_SECONDS} seconds.", code="audio_too_short"
        )
    model = fields["model"]
    said = file.words or "This file says nothing that the sandbox can hear."
    text = script.text if script.text is not None else f"{said} — sandbox transcript of {told.line(file)}"
    return Transcript(
        text=text,
        file=file,
        model=model,
        form=fields.get("response_format", "json"),
        language=fields.get("language", "english"),
        usage=_usage(model, file, text, fields.get("prompt", "")),
    )


def body_of(found: Transcript, usage: dict[str, Any] | None) -> tuple[str, bytes]:
    """The content type and the bytes of the answer, in the form that was asked for."""
    match found.form:
        case "text":
            return "text/plain; charset=utf-8", f"{found.text}\n".encode()
        case "srt":
            return "text/plain; charset=utf-8", f"1\n{_cue(found, ',')}\n{found.text}\n\n".encode()
        case "vtt":
            return "text/plain; charset=utf-8", f"WEBVTT\n\n{_cue(found, '.')}\n{found.text}\n\n".encode()
        case "verbose_json":
            shape = _verbose(found)
        case _:
            shape = {"text": found.text}
    return "application/json", json.dumps(shape | ({"usage": usage} if usage else {}), ensure_ascii=False).encode()


def events(found: Transcript, usage: dict[str, Any] | None) -> list[bytes]:
    """The same as a stream."""
    deltas = [unnamed({"type": "transcript.text.delta", "delta": piece}) for piece in pieces(found.text)]
    done = {"type": "transcript.text.done", "text": found.text} | ({"usage": usage} if usage else {})
    return [*deltas, unnamed(done)]


def _checked(body: object) -> tuple[dict[str, str], Part]:
    if not isinstance(body, dict):
        raise invalid("Could not parse multipart form.")
    for name in ("file", "model"):
        if name not in body:
            raise checks.missing(name)
    if unknown := sorted(set(body) - FIELDS):
        raise invalid(f"Unknown parameter: '{unknown[0]}'.", param=unknown[0], code="unknown_parameter")
    part = body["file"]
    if not isinstance(part, Part):
        raise invalid("Invalid type for 'file': expected a file.", param="file", code="invalid_type")
    fields = {name: value for name, value in body.items() if isinstance(value, str)}
    models.check(fields.get("model"), hearing=True)
    form = fields.get("response_format", "json")
    allowed = FORMATS if fields["model"] == WHISPER or models.is_local(fields["model"]) else ("json", "text")
    if form not in allowed:
        raise checks.unsupported(form, allowed, param="response_format")
    return fields, part


def _read(part: Part) -> File:
    if len(part.data) > MOST_BYTES:
        message = f"Maximum content size limit ({MOST_BYTES}) exceeded ({len(part.data)} bytes read)"
        raise Problem(status=413, message=message, type="server_error")
    try:
        return reading.of_bytes("audio", part.data, media_type=part.content_type, name=part.filename or "file")
    except Unreadable as error:
        raise invalid("Audio file might be corrupted or unsupported", param="file", code="invalid_value") from error


def _usage(model: str, file: File, text: str, prompt: str) -> dict[str, Any]:
    if model == WHISPER:
        return {"type": "duration", "seconds": max(1, round(file.seconds))}
    given, made = file.tokens + tokens.count(prompt), tokens.count(text)
    details = {"audio_tokens": file.tokens, "text_tokens": given - file.tokens}
    return {
        "type": "tokens",
        "input_tokens": given,
        "input_token_details": details,
        "output_tokens": made,
        "total_tokens": given + made,
    }


def _verbose(found: Transcript) -> dict[str, Any]:
    whole = {"id": 0, "seek": 0, "start": 0.0, "end": found.file.seconds, "text": found.text, "tokens": []}
    segment = whole | {"temperature": 0.0, "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0}
    facts = {"task": "transcribe", "language": found.language, "duration": found.file.seconds}
    return facts | {"text": found.text, "segments": [segment]}


def _cue(found: Transcript, point: str) -> str:
    whole, parts = divmod(round(found.file.seconds * 1000), 1000)
    end = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{parts:03}"
    return f"00:00:00{point}000 --> {end}"
