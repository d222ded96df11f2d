"""Texts for the string places of a JSON schema: by format, by pattern, by length, else from the words at hand."""

from __future__ import annotations

import re
from typing import Any, Protocol

from apps.sandbox import patterns, programs

BY_FORMAT = {
    "date": "2026-11-02",
    "time": "09:30:00Z",
    "date-time": "2026-11-02T09:30:00Z",
    "duration": "P3D",
    "email": "team@example.com",
    "idn-email": "team@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "ipv4": "192.0.2.10",
    "ipv6": "2001:db8::10",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "json-pointer": "/0",
    "regex": "^.*$",
}


class Words(Protocol):
    """Where the texts come from."""

    def text(self, name: str, number: int) -> str:
        """A text for the property `name`; in lists (`number` from 1 on) a different one for each place."""
        ...

    def choose(self, name: str, allowed: list[Any]) -> Any:
        """The value of an enumeration that suits best."""
        ...

    def key(self, number: int) -> str:
        """A name for a property that the schema leaves open."""
        ...


def fitting(schema: dict[str, Any], proposal: object, *, words: Words, name: str, number: int) -> str:
    """A string for `schema`: the proposal cut to size where that is enough."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if pattern := schema.get("pattern"):
        return _for_pattern(pattern, _source(proposal, words, name, number), shortest, longest)
    if programs.asked_for(described := str(schema.get("description", ""))):
        return programs.written(described, title=words.text("title", number))
    if (made := BY_FORMAT.get(schema.get("format", ""))) is not None:
        return _numbered(made, schema["format"], number)
    text = _source(proposal, words, name, number)
    more = number
    while len(text) < shortest:
        more += 1
        text = f"{text} {words.text(name, more)}".strip() or name or "text"
    return _cut(text, shortest, longest)


def _source(proposal: object, words: Words, name: str, number: int) -> str:
    return proposal if isinstance(proposal, str) else words.text(name, number)


def _for_pattern(pattern: str, text: str, shortest: int, longest: int | None) -> str:
    for candidate in (text, text.lower(), _slug(text, "_"), _slug(text, "-"), _slug(text, "-").upper()):
        cut = _cut(candidate, shortest, longest)
        if cut and len(cut) >= shortest and re.search(pattern, cut):
            return cut
    return patterns.matching(pattern, shortest=shortest, longest=longest)


def _slug(text: str, joint: str) -> str:
    return re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint)[:40].strip(joint)


def _cut(text: str, shortest: int, longest: int | None) -> str:
    if longest is None or len(text) <= longest:
        return text
    cut = text[:longest]
    at_word = cut.rsplit(" ", 1)[0].rstrip(" ,;:.") if " " in cut else cut
    return at_word if len(at_word) >= max(shortest, longest // 2) else cut


def _numbered(made: str, kind: str, number: int) -> str:
    # Lists of dates or ids may have to be free of doubles.
    number -= 1
    if number < 1:
        return made
    match kind:
        case "date" | "date-time":
            return made.replace("-02", f"-{2 + number % 26:02d}", 1)
        case "uuid":
            return made[:-4] + f"{number + 1:04d}"
        case "email":
            return made.replace("team", f"team{number + 1}")
        case "uri" | "url" | "iri" | "uri-reference":
            return f"{made}{number + 1}"
        case "ipv4":
            return f"192.0.2.{10 + number % 200}"
        case "time":
            return f"09:{30 + number % 30}:00Z"
        case "duration":
            return f"P{3 + number}D"
        case "hostname":
            return f"host{number + 1}.example.com"
        case _:
            return made
