"""The whole from its sections; and the same again after a review."""

from __future__ import annotations

import re
from dataclasses import replace

from apps.sandbox.prose import request, review, section
from apps.sandbox.prose.language import Language, pick, unsigned
from apps.sandbox.prose.prompt import Piece, Prompt

HEADING = re.compile(r"^#{1,4}\s+(?P<title>.+?)\s*$", re.MULTILINE)
LEAD = re.compile(r"^\s*(?:- \[[ x]\]|\d+\.|-)\s+(?P<lead>.+?)(?: — .*)?$", re.MULTILINE)

OPENING = {
    "en": (
        "This answers the request “{quoted}”. It has {count} parts; each can be used on its own.",
        "Written for: “{quoted}”. {count} parts follow, in the order in which they are needed.",
        "“{quoted}” — {count} parts, from what comes first to what closes it.",
    ),
    "zh": (
        "本文回应的需求是：“{quoted}”。共{count}部分，可以分别使用。",
        "针对“{quoted}”而写，按需要的先后分为{count}部分。",
    ),
}
GLANCE = {"en": "At a glance", "zh": "一览"}


def assemble(prompt: Prompt, language: Language) -> str:
    """One document: title, what it answers, an overview, the sections as they were written."""
    parts = [part for part in map(_part, prompt.inputs) if part is not None] or _afresh(prompt, language)
    chosen = pick(OPENING[language], by=prompt.about)
    opening = chosen.format(quoted=request.quoted(prompt.about), count=len(parts))
    lines = [f"# {request.subject(prompt.about)}", "", opening, "", f"**{GLANCE[language]}**", ""]
    lines += [f"- **{part.title}** — {_first_lead(part.text)}" for part in parts]
    for part in parts:
        lines += ["", part.text]
    return "\n".join([*lines, *_lacking("\n".join(lines), prompt, language)])


def revise(prompt: Prompt, language: Language) -> str:
    """The draft with what the review found missing, and without what is forbidden."""
    draft = unsigned(prompt.draft or "")
    if len(draft) < review.SHORTEST:
        draft = assemble(prompt, language) if prompt.inputs else section.section(prompt, language)
    # Feedback speaks like a criterion: “must contain X and does not” names X.
    asked = replace(prompt, criteria=(*prompt.criteria, *map(_as_criterion, _points(prompt.feedback))))
    draft = "\n".join([draft, *_lacking(draft, asked, language)])
    for check in review.checks_of(replace(asked, draft=draft), language):
        for word in check.lacking if check.forbids else ():
            draft = re.sub(re.escape(word).replace("\\ ", r"\s+"), "…", draft, flags=re.IGNORECASE)
    return draft


def _part(piece: Piece) -> Piece | None:
    """An earlier output as a section; what is data and no text (a plan, a verdict) is left out."""
    text = unsigned(piece.text)
    if not text or text[0] in "{[":
        return None
    heading = HEADING.search(text)
    if heading is None or heading.start() > 0:
        title = piece.title or text.splitlines()[0][:60]
        return Piece(title=title, text=f"## {title}\n\n{text}")
    return Piece(title=heading["title"], text=re.sub(r"^#{1,4}\s+", "## ", text, count=1))


def _afresh(prompt: Prompt, language: Language) -> list[Piece]:
    found = []
    for facet in section.facets_of(prompt.about, language):
        one = Prompt(kind="section", request=prompt.about, section=Piece(title=facet.title, text=facet.focus))
        found.append(Piece(title=facet.title, text=section.section(one, language)))
    return found


def _first_lead(text: str) -> str:
    if match := LEAD.search(text):
        return match["lead"].replace("**", "")
    body = next((line for line in text.splitlines()[1:] if line.strip()), "")
    return request.quoted(body, longest=100)


def _lacking(draft: str, prompt: Prompt, language: Language) -> list[str]:
    """A section for each criterion that the others have left open."""
    lines: list[str] = []
    for check in review.checks_of(replace(prompt, draft=draft), language):
        if not check.ok and not check.forbids and check.lacking:
            named = Piece(title=_heading(check.lacking), text="")
            lines += ["", section.section(Prompt(kind="section", request=prompt.about, section=named), language)]
    return lines


def _heading(words: tuple[str, ...]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def _points(feedback: str) -> list[str]:
    return [point for line in feedback.splitlines() if (point := line.strip(" -*•\t"))]


def _as_criterion(point: str) -> str:
    """“…and does not” is what the reviewer saw, not what is wanted."""
    return re.sub(r"(?:,? (?:and|but) (?:it )?does(?: not)?|，但(?:没有|包含了))[.。]?$", "", point)
