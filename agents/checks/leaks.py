"""What must never be handed out: passwords, keys, tokens; where it is asked for, addresses too. Pure.

Only what has the shape of a value counts: documentation may speak of passwords, and `password=form["password"]`
holds none. A reason names the kind and the line, and never repeats what was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from .result import PASS, Check, Material, Result, failed
from .words import say

USUAL = ("password", "api_key", "secret", "bearer_token", "private_key")
FIELDS: dict[str, Any] = {
    "forbid": {
        "type": "array",
        "items": {"type": "string", "enum": [*USUAL, "email", "ip_address"]},
        "minItems": 1,
        "uniqueItems": True,
    }
}
REQUIRED = ()
LONGEST_LINE = 4_000
"""Characters of a line that are looked at; what is longer is looked at in pieces."""

_QUOTED = r"""["']?\s{0,3}[:=]\s{0,3}["'](?P<quoted>[^"'\s]{6,200})["']"""
_BARE = r"\s{0,3}=\s{0,3}(?P<bare>[^\s\"'`<>(){}\[\],;]{6,200})\s{0,20}$"


def _named(words: str) -> tuple[re.Pattern[str], ...]:
    quoted = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z0-9_-]{{0,40}}(?:{words}){_QUOTED}", re.IGNORECASE)
    # Without quotes only where a line of an .env file has nothing else.
    bare = re.compile(rf"^\s{{0,20}}(?:export\s+)?[A-Z0-9_]{{0,40}}(?:{words.upper()}){_BARE}")
    return quoted, bare


_SHAPES: dict[str, tuple[re.Pattern[str], ...]] = {
    "password": (
        *_named("password|passwd|passphrase|pwd"),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:(?P<quoted>[^\s:/@]{6,128})@", re.IGNORECASE),
    ),
    "api_key": (
        *_named("api[_-]?key|apikey|access[_-]?key"),
        re.compile(r"\b(?P<exact>sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,200})"),
        re.compile(r"\b(?P<exact>(?:AKIA|ASIA)[A-Z0-9]{16})\b"),
        re.compile(r"\b(?P<exact>gh[pousr]_[A-Za-z0-9]{30,100})"),
        re.compile(r"\b(?P<exact>AIza[A-Za-z0-9_-]{30,60})"),
        re.compile(r"\b(?P<exact>xox[abprs]-[A-Za-z0-9-]{10,100})"),
        re.compile(r"\b(?P<exact>nx_[A-Za-z0-9]{4,40}_[A-Za-z0-9]{20,100})"),
    ),
    "secret": _named("secret|secret[_-]?key|client[_-]?secret|token"),
    "bearer_token": (
        re.compile(r"\bbearer\s{1,3}(?P<quoted>[A-Za-z0-9._~+/-]{20,2000}={0,2})", re.IGNORECASE),
        re.compile(r"\b(?P<exact>eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,1000}\.[A-Za-z0-9_-]{10,1000})"),
    ),
    "private_key": (re.compile(r"(?P<exact>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)"),),
    "email": (re.compile(r"(?<![\w.+-])(?P<exact>[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})"),),
    "ip_address": (re.compile(r"(?<![\d.])(?P<exact>(?:\d{1,3}\.){3}\d{1,3})(?![\d.])"),),
}
#: What stands in the place of a value.
_STANDS_FOR = re.compile(
    r"^[<\[{$%*.…•]|^x{3}|^(?:your|my|the|some|an?|none|null|true|false|env)(?![A-Za-z0-9])"
    r"|^(?:example|sample|test|dummy|fake|change|replace|insert|redacted|secret|password|passwd|token|os\.|env\.|"
    r"settings\.|config\.|self\.|request\.|getenv|process\.)",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(r"@(?:[\w-]+\.)*example\.(?:com|org|net)$|@localhost|\.(?:example|invalid|test)$", re.IGNORECASE)


def holds(check: Check, material: Material) -> Result:
    """secrets."""
    forbidden = check.get("forbid", USUAL)
    for number, line in _lines(material.text):
        for kind in forbidden:
            if any(_is_value(kind, found) for shape in _SHAPES[kind] for found in shape.finditer(line)):
                return failed(say("leak", material.spoken, say(kind, material.spoken), number))
    return PASS


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        for start in range(0, max(len(line), 1), LONGEST_LINE):
            yield number, line[max(start - 300, 0) : start + LONGEST_LINE]


def _is_value(kind: str, found: re.Match[str]) -> bool:
    groups = found.groupdict()
    value = next(filter(None, groups.values()))
    if kind == "email":
        return not _EXAMPLES.search(value)
    if kind == "ip_address":
        return _is_public(value)
    if len(set(value)) <= 3:
        return False
    return "exact" in groups or not _STANDS_FOR.match(value)


def _is_public(value: str) -> bool:
    try:
        return ip_address(value).is_global
    except ValueError:
        return False
