"""Pictures, files and sound in a message, as the rest of the sandbox knows them: blocks with base64 of bytes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from apps.sandbox.openai import checks, files
from apps.sandbox.problem import invalid

DATA_URL = re.compile(r"^data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w=.-]+)*;base64,(?P<data>.*)$", re.DOTALL)
SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}


TEXTS = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}


def content(at: str, given: object, *, name: str = "content") -> list[dict[str, Any]]:
    """A message's content, of either API, as blocks."""
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    if given is None:
        raise checks.missing(f"{at}.{name}")
    if not isinstance(given, list):
        message = f"Invalid type for '{at}.{name}': expected a string or an array."
        raise invalid(message, param=f"{at}.{name}", code="invalid_type")
    return [_block(f"{at}.{name}[{number}]", part) for number, part in enumerate(given)]


def call(*, id: str, name: str, arguments: str) -> dict[str, Any]:
    """A call that an assistant made earlier, as a block. Arguments that are no JSON are kept as a text."""
    try:
        given = json.loads(arguments or "{}")
    except ValueError:
        given = {"arguments": arguments}
    return {"type": "tool_use", "id": id, "name": name, "input": given}


def _block(at: str, part: object) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(kind, str):
        raise checks.missing(f"{at}.type")
    if kind in TEXTS:
        return {"type": "text", "text": _needed(at, part, TEXTS[kind])}
    return files.checked(at, _file_block(at, kind, part))


def _file_block(at: str, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "image_url":
            return _picture(f"{at}.image_url.url", _needed(f"{at}.image_url", _inside(at, part, "image_url"), "url"))
        case "input_image" if part.get("file_id"):
            return {"type": "image", "source": {"type": "file", "file_id": part["file_id"]}}
        case "input_image":
            return _picture(f"{at}.image_url", _needed(at, part, "image_url"))
        case "input_audio":
            return _sound(f"{at}.input_audio", _inside(at, part, "input_audio"))
        case "file":
            return _file(f"{at}.file", _inside(at, part, "file"))
        case "input_file":
            return _file(at, part)
        case _:
            raise invalid(f"Invalid value: '{kind}'.", param=f"{at}.type", code="invalid_value")


def _picture(at: str, url: str) -> dict[str, Any]:
    if url.startswith(("https://", "http://")):
        return {"type": "image", "source": {"type": "url", "url": url}}
    return {"type": "image", "source": _source(at, url, told="image")}


def _sound(at: str, sound: dict[str, Any]) -> dict[str, Any]:
    kind = _needed(at, sound, "format")
    if kind not in SOUNDS:
        raise checks.unsupported(kind, tuple(SOUNDS), param=f"{at}.format")
    data = _decodable(f"{at}.data", _needed(at, sound, "data"), told="audio")
    return {"type": "audio", "source": {"type": "base64", "media_type": SOUNDS[kind], "data": data}}


def _file(at: str, file: dict[str, Any]) -> dict[str, Any]:
    name = str(file.get("filename") or "file")
    if file.get("file_id") or file.get("file_url"):
        where = file.get("file_id") or file.get("file_url")
        return {"type": "document", "title": name, "source": {"type": "file", "file_id": where}}
    source = _source(f"{at}.file_data", _needed(at, file, "file_data"), told="file")
    return {"type": "document", "title": name, "source": source}


def _source(at: str, url: str, *, told: str) -> dict[str, Any]:
    match = DATA_URL.match(url)
    if match is None:
        raise checks.unprocessable(
            f"Invalid '{at}'. Expected a base64-encoded data URL with an {told} MIME type.", param=at
        )
    data = _decodable(at, match["data"], told=told)
    return {"type": "base64", "media_type": match["type"] or "text/plain", "data": data}


def _decodable(at: str, data: str, *, told: str) -> str:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise checks.unprocessable(
            f"Invalid base64 data in '{at}': the {told} could not be decoded.", param=at
        ) from error
    return data


def _inside(at: str, part: dict[str, Any], name: str) -> dict[str, Any]:
    found = part.get(name)
    if not isinstance(found, dict):
        where = f"{at}.{name}"
        raise checks.missing(where)
    return found


def _needed(at: str, part: dict[str, Any], name: str) -> str:
    found = part.get(name)
    if not isinstance(found, str):
        where = f"{at}.{name}"
        raise checks.missing(where)
    return found
