"""Texts that agents look things up in: written in passages, found by words.

The index is Postgres' own, of words that we cut ourselves: its parsers know no Chinese, so a run of Chinese characters
is found by pairs, and a Latin word by its beginning.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from agents import tokens
from agents.models import KnowledgePassage, KnowledgeSource

PASSAGE = 1_200
"""Characters of a passage, about."""
LARGEST = 5_000_000
MOST_WORDS = 32
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A passage that speaks of what was asked."""

    source: str
    title: str
    place: int
    text: str


@transaction.atomic
def put(*, name: str, text: str, project: str = "", title: str = "") -> KnowledgeSource:
    """Write a source, in place of the one of that name. Raise ValueError for one that is too large."""
    if len(text) > LARGEST:
        raise ValueError(f"A source is at most {LARGEST} characters")
    clean = tokens.clean(text)
    hashed = hashlib.sha256(clean.encode()).hexdigest()
    source, _ = KnowledgeSource.objects.update_or_create(
        project=project, name=name, defaults={"title": title, "text_hash": hashed, "updated_at": Now()}
    )
    source.passages.all().delete()
    KnowledgePassage.objects.bulk_create(
        KnowledgePassage(source=source, place=place, text=piece, words=" ".join(words(f"{title} {piece}")))
        for place, piece in enumerate(passages(clean))
    )
    return source


def search(*, project: str, query: str, most: int = 5) -> list[Found]:
    """The passages of the project, and of every project's sources, that fit best."""
    asked = list(dict.fromkeys(words(query)))[:MOST_WORDS]
    if not asked:
        return []
    wanted = SearchQuery(" | ".join(_asked(word) for word in asked), search_type="raw", config="simple")
    rows = (
        KnowledgePassage.objects.filter(index=wanted, source__project__in=("", project))
        .annotate(rank=SearchRank(F("index"), wanted))
        .select_related("source")
        .order_by("-rank", "source_id", "place")
    )
    return [
        Found(source=row.source.name, title=row.source.title, place=row.place, text=row.text) for row in rows[:most]
    ]


def words(text: str) -> Iterator[str]:
    """What a text is found by: Latin words in lower case, Chinese ones as pairs of characters."""
    for run in RUN.findall(text.lower()):
        if re.match(f"[{HAN}]", run):
            yield from (run[place : place + 2] for place in range(max(1, len(run) - 1)))
        elif len(run) <= 64:
            yield run


def passages(text: str) -> Iterator[str]:
    """The text in pieces of about PASSAGE characters, cut between paragraphs where that can be."""
    gathered = ""
    for paragraph in re.split(r"\n\s*\n", text):
        if gathered and len(gathered) + len(paragraph) > PASSAGE:
            yield gathered
            gathered = ""
        gathered = f"{gathered}\n\n{paragraph}".strip()
        while len(gathered) > 2 * PASSAGE:
            yield gathered[:PASSAGE]
            gathered = gathered[PASSAGE:]
    if gathered.strip():
        yield gathered


def _asked(word: str) -> str:
    # Words are letters and digits alone, so nothing in one means anything to the query.
    return f"'{word}':*" if word.isascii() and len(word) >= 4 else f"'{word}'"
