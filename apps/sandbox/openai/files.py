"""What the OpenAI API refuses of pictures, files and sound, in its own words."""

from __future__ import annotations

from typing import Any

from apps.sandbox.files import reading
from apps.sandbox.files.reading import Unreadable
from apps.sandbox.problem import Problem, invalid

FORMATS = "['png', 'jpeg', 'gif', 'webp']"
MOST_BYTES = 50 * 1024 * 1024


def checked(at: str, block: dict[str, Any]) -> dict[str, Any]:
    """The block, when what is in it can be read."""
    try:
        file = reading.read(block)
    except Unreadable as error:
        raise _unreadable(at, block, error) from error
    if file.size > MOST_BYTES:
        raise invalid(f"File size exceeds the limit of {MOST_BYTES} bytes.", param=at, code="file_too_large")
    return block


def _unreadable(at: str, block: dict[str, Any], error: Unreadable) -> Problem:
    match error.why, block["type"]:
        case "elsewhere", "image":
            return invalid(f"Failed to download image from {error.told}.", param=at, code="invalid_image_url")
        case "elsewhere", _:
            return invalid(f"No such File object: {error.told}", param=at, code="invalid_value")
        case _, "image":
            told = f"Please make sure your image has of one the following formats: {FORMATS}."
            return invalid(f"You uploaded an unsupported image. {told}", param=at, code="invalid_image_format")
        case _, "audio":
            return invalid("The audio data could not be decoded.", param=at, code="invalid_value")
        case _:
            return invalid("The file could not be read.", param=at, code="unsupported_file")
