"""What the Messages API refuses of pictures and documents, in its own words."""

from __future__ import annotations

from typing import Any

from apps.sandbox.files import reading
from apps.sandbox.files.reading import Unreadable
from apps.sandbox.problem import Problem, invalid

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 8000
MOST_PAGES = 600
SOURCES = {"image": ("base64", "url", "file"), "document": ("base64", "text", "content", "url", "file")}
NEEDED = {"base64": ("media_type", "data"), "text": ("media_type", "data"), "content": ("content",), "url": ("url",)}


def check(at: str, block: dict[str, Any]) -> None:
    """Refuse an image or document block that cannot be read."""
    kind, source = block["type"], block.get("source")
    where = f"{at}.{kind}.source"
    if not isinstance(source, dict) or source.get("type") not in SOURCES[kind]:
        raise invalid(f"{where}: Input tag should be one of {', '.join(map(repr, SOURCES[kind]))}")
    here = f"{where}.{source['type']}"
    for name in NEEDED.get(source["type"], ()):
        if not isinstance(source.get(name), str | list):
            raise invalid(f"{here}.{name}: Field required")
    if source["type"] == "base64":
        _check_type(here, kind, source["media_type"])
    try:
        file = reading.read(block)
    except Unreadable as error:
        raise _unreadable(here, kind, source, error) from error
    _check_size(here, file)


def _check_type(here: str, kind: str, media_type: str) -> None:
    known = PICTURES if kind == "image" else ("application/pdf",)
    if media_type not in known:
        raise invalid(f"{here}.media_type: Input should be {' or '.join(map(repr, known))}")


def _check_size(here: str, file: reading.File) -> None:
    if file.kind == "image" and file.size > MOST_BYTES:
        raise invalid(f"{here}: image exceeds 5 MB maximum: {file.size} bytes > {MOST_BYTES} bytes")
    if max(file.wide, file.high) > MOST_PIXELS:
        raise invalid(
            f"{here}.data: At least one of the image dimensions exceed max allowed size: {MOST_PIXELS} pixels"
        )
    if file.pages > MOST_PAGES:
        raise invalid(f"{here}.data: A maximum of {MOST_PAGES} PDF pages may be provided.")


def _unreadable(here: str, kind: str, source: dict[str, Any], error: Unreadable) -> Problem:
    match error.why:
        case "elsewhere":
            return invalid(f"{here}: Unable to download the file. Please verify the URL and try again.")
        case "base64":
            return invalid(f"{here}.data: Invalid base64 data")
        case "mismatch":
            return invalid(
                f"{here}: The image was specified using the {source['media_type']} media type, but the image appears "
                f"to be a {error.told} image"
            )
        case "format" if kind == "document":
            return invalid(f"{here}.data: The PDF specified was not valid.")
        case "format":
            return invalid(f"{here}.data: Could not process image")
