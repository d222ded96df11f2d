"""The knowledge base: topics, their facets, and which of them a request touches.

One page per topic and language in knowledge/, in a format that reads as plain notes:

    kind: frame             a kind of work (release, report); `subject` is a thing (Django, Redis)
    words: a, b             what in a request points here
    ## Title [key]          a facet: a section that a plan can have
    place: open             where it stands in a plan: open, core, close; left out where there is a choice
    focus: …                what the section is about
    - what to do | why      an item
    ! …                     a trap
    = …                     when it is done

Chinese words are looked for as they stand, Latin ones as whole words; `/…/` is a pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from apps.sandbox.prose import request
from apps.sandbox.prose.language import HAN, Language

HOME = Path(__file__).parent / "knowledge"
HEADING = re.compile(r"^## (?P<title>.+?) \[(?P<key>\w+)\]$")

Place = Literal["open", "core", "middle", "close"]
PLACES: dict[str, Place] = {"open": "open", "core": "core", "close": "close"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """What is known about one side of a topic: enough for one section."""

    key: str
    topic: str
    place: Place
    title: str
    words: tuple[str, ...]
    focus: str
    items: tuple[tuple[str, str], ...]
    pitfalls: tuple[str, ...]
    done: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One page of the base."""

    name: str
    kind: Literal["frame", "subject"]
    words: tuple[str, ...]
    facets: tuple[Facet, ...]


@cache
def base(language: Language) -> tuple[Topic, ...]:
    """All topics of a language, by name."""
    return tuple(_page(path) for path in sorted((HOME / language).glob("*.md")))


def touched(text: str, language: Language) -> list[Topic]:
    """The topics that a text speaks of, in the order in which it does."""
    places = [(topic, words_of(topic.name).search(text)) for topic in base(language)]
    found = [(match.start(), topic.name, topic) for topic, match in places if match]
    return [topic for _, _, topic in sorted(found, key=lambda entry: entry[:2])]


@cache
def words_of(name: str) -> re.Pattern[str]:
    """What points to a topic, in either language: Chinese requests say "Django" too."""
    pages = [topic for language in ("en", "zh") for topic in base(language) if topic.name == name]
    return _matcher(tuple(word for page in pages for word in page.words))


def chosen(text: str, language: Language) -> list[Facet]:
    """Three to five facets for a plan: the kind of work at both ends, the things themselves between."""
    topics = touched(text, language)
    subjects = [topic for topic in topics if topic.kind == "subject"]
    frames = _ranked([topic for topic in topics if topic.kind == "frame"], text) or [_named("general", language)]
    if not subjects:
        return list(frames[0].facets)
    slots = 4 if len(subjects) < 3 else 5
    # With one subject there is room for an opening; with more, the subjects themselves come first.
    wanted = ("open", "core", "close") if len(subjects) == 1 else ("core", "close")
    ends = [facet for place in wanted for facet in frames[0].facets if facet.place == place]
    return [*ends[:-1], *_shared_out(subjects, text, slots - len(ends)), *ends[-1:]]


def facet_named(title: str, language: Language) -> Facet | None:
    """The facet with this title or key."""
    wanted = title.strip().lower()
    for topic in base(language):
        for facet in topic.facets:
            if wanted in (facet.title.lower(), facet.key):
                return facet
    return None


def nearest(title: str, about: str, language: Language) -> Facet | None:
    """The facet that suits a title best, of the topics that the title or the request speaks of."""
    best: tuple[int, Facet] | None = None
    for topic in touched(f"{title} {about}", language):
        for facet in topic.facets:
            score = _hits(facet, title) + len(set(request.terms(title)) & set(request.terms(facet.title)))
            if score and (best is None or score > best[0]):
                best = (score, facet)
    return best[1] if best else None


def _shared_out(subjects: list[Topic], text: str, slots: int) -> list[Facet]:
    """The best facet of each subject, then the best of the others while there is room; told subject by subject."""
    ranked = [sorted(topic.facets, key=lambda facet: -_hits(facet, text)) for topic in subjects]
    rest = [facet for facets in ranked for facet in facets[1:]]
    rest.sort(key=lambda facet: -_hits(facet, text))
    taken = [*(facets[0] for facets in ranked), *rest][:slots]
    return [facet for topic in subjects for facet in topic.facets if facet in taken]


def _hits(facet: Facet, text: str) -> int:
    return len(set(_facet_words(facet.words).findall(text.lower())))


def _ranked(frames: list[Topic], text: str) -> list[Topic]:
    # The catch-all gives way to any kind of work that is named.
    return sorted(frames, key=lambda topic: (topic.name == "general", -len(words_of(topic.name).findall(text))))


def _named(name: str, language: Language) -> Topic:
    return next(topic for topic in base(language) if topic.name == name)


@cache
def _facet_words(words: tuple[str, ...]) -> re.Pattern[str]:
    return _matcher(words)


def _matcher(words: tuple[str, ...]) -> re.Pattern[str]:
    han = [re.escape(word) for word in words if HAN.search(word)]
    # A word between slashes is a pattern: some words need to know their neighbours.
    latin = [word.strip("/") if word[0] == "/" else re.escape(word) for word in words if not HAN.search(word)]
    # Longest first, so that "roll back" is not read as "roll".
    alternatives = (
        [rf"(?<![A-Za-z0-9_])(?:{'|'.join(sorted(latin, key=len, reverse=True))})(?![A-Za-z0-9_])"] if latin else []
    )
    return re.compile("|".join([*alternatives, *sorted(han, key=len, reverse=True)]) or r"(?!)", re.IGNORECASE)


def _page(path: Path) -> Topic:
    head, *parts = re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8"))
    fields = _fields(head)
    return Topic(
        name=path.stem,
        kind="subject" if fields["kind"] == "subject" else "frame",
        words=_list(fields.get("words", "")),
        facets=tuple(_facet(path.stem, part) for part in parts),
    )


def _facet(topic: str, text: str) -> Facet:
    heading = HEADING.match(text.splitlines()[0])
    assert heading is not None, f"{topic}: {text.splitlines()[0]}"
    fields = _fields(text)
    marked = {mark: [line[2:].strip() for line in text.splitlines() if line.startswith(f"{mark} ")] for mark in "-!="}
    return Facet(
        key=heading["key"],
        topic=topic,
        place=PLACES.get(fields.get("place", ""), "middle"),
        title=heading["title"],
        words=_list(fields.get("words", "")),
        focus=fields["focus"],
        items=tuple((lead.strip(), why.strip()) for lead, _, why in (line.partition(" | ") for line in marked["-"])),
        pitfalls=tuple(marked["!"]),
        done=" ".join(marked["="]),
    )


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(": ") for line in text.splitlines() if re.match(r"^(?:kind|words|place|focus): ", line))
    return {name: value.strip() for name, _, value in pairs}


def _list(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
