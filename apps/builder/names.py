"""Names of projects, agents and tools, as identifiers and as folders. Pure."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection

LONGEST = 40
TOOL_NAME = 64


def identifier(text: str, *, otherwise: str) -> str:
    """The text as a plain lower-case identifier; `otherwise` where nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
    if not name or not name[0].isalpha():
        name = f"{otherwise}_{name}".strip("_")[:LONGEST].strip("_")
    return f"{name}_" if keyword.iskeyword(name) else name


def different(name: str, taken: Collection[str]) -> str:
    """The name, or it with the first number that tells it apart."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def title_of(requirement: str) -> str:
    """A project's name where nobody gave one: the first words of what is wanted."""
    words = " ".join(requirement.split())
    return words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0].rstrip(" ,.;:") or words[:60]


def of_tool(name: str, agent: str) -> str:
    """What an agent's tool is called in the whole installation: its name, and the end of its agent's id."""
    return f"{name}_{agent[-8:]}"[:TOOL_NAME]
