"""What a model is told of what was said before: the last messages as they are, the rest as a summary. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.providers.messages import Block, Speaker, Text, Turn

VERBATIM = 20
"""Messages that are always told as they are."""
SLACK = 10
"""So many more may gather before they are summarised: a summary a turn would cost as much as the turn."""
CHARACTERS = 200_000
"""All that is told as it was said; beyond this the oldest of it are cut."""
CUT_TO = 2_000
PICTURES = 20
"""Blocks of files in all, newest first; of older ones their names are told."""
SUMMARY_AT_MOST = 4_000
ADDED_AT_MOST = 20_000
"""Characters that programs add to an agent's duty."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message, as far as a model is concerned."""

    place: int
    """Where it stands in the conversation."""
    role: Literal["user", "assistant", "system"]
    text: str
    files: tuple[Block, ...] = ()
    named: str = ""
    """Its files in words, for when they are not shown."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """What is summarised, and what is told as it is."""

    older: tuple[Said, ...]
    recent: tuple[Said, ...]


def split(said: Sequence[Said]) -> Split:
    """Cut what was said since the last summary: nothing is summarised until SLACK more than VERBATIM have gathered."""
    if len(said) <= VERBATIM + SLACK:
        return Split(older=(), recent=tuple(said))
    return Split(older=tuple(said[:-VERBATIM]), recent=tuple(said[-VERBATIM:]))


def turns(said: Sequence[Said]) -> tuple[Turn, ...]:
    """The conversation for a model: it begins with the user, speakers take turns, and it is bounded.

    What systems said is not part of it: see `system`.
    """
    told = _shown(_fitted([one for one in said if one.role != "system"]))
    made: list[Turn] = []
    for one in told:
        blocks = _blocks(one)
        speaker: Speaker = "assistant" if one.role == "assistant" else "user"
        if not blocks or (not made and speaker == "assistant"):
            continue
        if made and made[-1].speaker == speaker:
            made[-1] = replace(made[-1], blocks=(*made[-1].blocks, *blocks))
        else:
            made.append(Turn(speaker=speaker, blocks=blocks))
    return tuple(made)


def system(said: Sequence[Said], *, duty: str, summary: str) -> str:
    """What stands before the conversation: the duty, what programs added to it, what was said long ago."""
    added = [one.text for one in said if one.role == "system"]
    before = f"What was said before, in short:\n{summary[:SUMMARY_AT_MOST]}" if summary else ""
    return "\n\n".join(part for part in (duty, excerpt("\n\n".join(added), ADDED_AT_MOST), before) if part)


def excerpt(text: str, most: int) -> str:
    """The text, or its head and its tail where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters …]\n{text[-half:]}"


def _fitted(said: Sequence[Said]) -> list[Said]:
    """Newest first, whole for as long as there is room; the last word of all is always whole."""
    room, fitted = CHARACTERS, []
    for place, one in enumerate(reversed(said)):
        text = one.text if place == 0 or len(one.text) <= room else excerpt(one.text, CUT_TO)
        room = max(0, room - len(text))
        fitted.append(replace(one, text=text))
    return fitted[::-1]


def _shown(said: Sequence[Said]) -> list[Said]:
    room, shown = PICTURES, []
    for one in reversed(said):
        if len(one.files) <= room:
            room -= len(one.files)
            shown.append(one)
        else:
            shown.append(replace(one, files=(), text=f"{one.text}\n\n({one.named})"))
    return shown[::-1]


def _blocks(one: Said) -> tuple[Block, ...]:
    words = (Text(text=one.text),) if one.text.strip() else ()
    return (*one.files, *words)
