"""One section, and what is built like one: findings, an outline, an answer in a chat."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from apps.sandbox.prose import request, topics
from apps.sandbox.prose.language import Language, pick
from apps.sandbox.prose.prompt import Piece, Prompt
from apps.sandbox.prose.topics import Facet

INTRO = {
    "en": (
        "The request says “{fragment}”; here that means {focus}.",
        "“{fragment}” is where this part begins: {focus}.",
        "Starting from “{fragment}” in the request: {focus}.",
        "What “{fragment}” asks for here: {focus}.",
    ),
    "zh": (
        "需求里写着“{fragment}”，这一部分负责：{focus}。",
        "从“{fragment}”出发，这里关注：{focus}。",
        "围绕“{fragment}”，这一部分要回答：{focus}。",
    ),
}
LABELS = {
    "en": {
        "trap": "Watch out",
        "done": "Done when",
        "known": "Findings",
        "open": "How it will be known",
        "also": "Also asked for",
        "sep": ": ",
    },
    "zh": {
        "trap": "注意",
        "done": "完成标志",
        "known": "已知要点",
        "open": "如何确认",
        "also": "另须包含",
        "sep": "：",
    },
}
ALSO = {"en": ". Also asked for: ", "zh": "。另须包含："}
ALSO_MARK = re.compile(r"(?:\. Also asked for: |。另须包含：)(?P<named>.+?)\s*$", re.DOTALL)
ASKING_ZH = re.compile(r"请|麻烦|帮(?:我|忙)|撰写|起草|编写|草拟|制定|准备|整理|写|一[份个篇套]|关于")
CLAUSE = re.compile(r"[^，。；、！？：,.;!?\n]+")


def section(prompt: Prompt, language: Language) -> str:
    """The section that the prompt names, with its heading."""
    title, facet = _meant(prompt, language)
    label = LABELS[language]
    # Whoever joins the sections may want to set the titles; the instruction says so.
    heading = [] if "not with its title" in prompt.instruction else [f"## {title}", ""]
    lines = [*heading, intro(prompt, facet, title, language), "", *items(facet, prompt.about)]
    if match := ALSO_MARK.search(prompt.section.text if prompt.section else ""):
        lines += ["", f"**{label['also']}{label['sep'].strip()}** {match['named']}"]
    for trap in facet.pitfalls:
        lines += ["", f"**{label['trap']}{label['sep'].strip()}** {trap}"]
    lines += ["", f"**{label['done']}{label['sep'].strip()}** {facet.done}"]
    return "\n".join(lines)


def research(prompt: Prompt, language: Language) -> str:
    """What is known before the writing begins, facet by facet."""
    label = LABELS[language]
    title = prompt.section.title if prompt.section else request.subject(prompt.about)
    facets = [_meant(prompt, language)[1]] if prompt.section else facets_of(prompt.about, language)
    lines = [f"## {label['known']}{label['sep']}{title}"]
    for facet in facets:
        lines += ["", f"**{facet.title}** — {facet.focus}", ""]
        lines += [f"- {lead} — {why}" for lead, why in facet.items[:3]]
        lines += [f"- {label['trap']}{label['sep']}{trap}" for trap in facet.pitfalls]
        lines.append(f"- {label['open']}{label['sep']}{facet.done}")
    return "\n".join(lines)


def outline(prompt: Prompt, language: Language) -> str:
    """The headings to come, each with what it will hold."""
    lines = [f"# {request.subject(prompt.about)}"]
    for number, facet in enumerate(_named_parts(prompt, language), start=1):
        lines += ["", f"{number}. **{facet.title}** — {facet.focus}"]
        lines += [f"   - {lead}" for lead, _ in facet.items[:3]]
    return "\n".join(lines)


def _named_parts(prompt: Prompt, language: Language) -> list[Facet]:
    """The sections that the inputs name, or those of a plan of our own."""
    named = [
        _for_title(piece.title, ALSO_MARK.sub("", piece.text), prompt.about, language)
        for piece in prompt.inputs
        if piece.title.lower() not in ("", "plan") and not piece.title.startswith("File ") and len(piece.text) < 400
    ]
    subject = request.subject(prompt.about)
    return [_filled(facet, subject) for facet in named] or facets_of(prompt.about, language)


def also(words: list[str], language: Language) -> str:
    """The end of a section's focus that names what must stand in it word for word."""
    joint = {"en": ", ", "zh": "、"}[language]
    return ALSO[language] + joint.join(f"“{word}”" for word in words)


def chat(prompt: Prompt, language: Language) -> str:
    """An answer in a conversation: short, and about what was asked."""
    if not request.terms(prompt.about):
        return {
            "en": "Hello! Tell me what you need — a plan, a checklist, a text — and I will draft it.",
            "zh": "你好！告诉我你需要什么——计划、清单还是文案——我来起草。",
        }[language]
    subject = request.subject(prompt.about)
    opening = {
        "en": f"On “{subject}”, this is what I would look at first.",
        "zh": f"关于“{subject}”，我会先看这几点。",
    }[language]
    closing = {
        "en": "If you tell me the deadline and who will use the result, I can make this more exact.",
        "zh": "如果告诉我期限和使用者，我可以写得更具体。",
    }[language]
    lines = [opening]
    for facet in facets_of(prompt.about, language)[:3]:
        lines += ["", f"**{facet.title}**", *items(facet, prompt.about, most=2)]
    return "\n".join([*lines, "", closing])


def facets_of(about: str, language: Language) -> list[Facet]:
    """The facets of a plan for this request: its own list of parts, where it has one."""
    parts = request.listed_parts(about)
    if parts:
        return [_for_title(part, "", about, language) for part in parts]
    return [_filled(facet, request.subject(about)) for facet in topics.chosen(about, language)]


def intro(prompt: Prompt, facet: Facet, title: str, language: Language) -> str:
    """The first sentence: what this is about, in words of the request."""
    focus = _focus(prompt.section, facet).rstrip(" .。")
    chosen = pick(INTRO[language], by=prompt.about + title)
    return chosen.format(fragment=fragment(prompt.about, facet, language), focus=focus)


def items(facet: Facet, about: str, *, most: int = 7) -> list[str]:
    """What to do and why, as the request wants it: to tick, to follow, or to consider."""
    form = request.form(about)
    lines = []
    for number, (lead, why) in enumerate(facet.items[:most], start=1):
        mark = {"checklist": "- [ ]", "steps": f"{number}.", "points": "-"}[form]
        strong = lead if "**" in lead else f"**{lead}**"
        lines.append(f"{mark} {strong} — {why}" if why else f"{mark} {strong}")
    return lines


def fragment(about: str, facet: Facet, language: Language) -> str:
    """The few words of the request that point to this facet."""
    match = topics.words_of(facet.topic).search(about)
    if match is None:
        return request.quoted(request.subject(about), longest=60)
    if language == "zh":
        return _clause_zh(about, match.start())
    before = re.findall(r"\S+\s+", about[: match.start()])[-2:]
    after = re.findall(r"\s+\S+", about[match.end() :])[:2]
    return _trimmed("".join([*before, match.group(), *after]).split())


def _clause_zh(about: str, at: int) -> str:
    """The part of a Chinese sentence in which a word stands, without the words that only ask for something."""
    clause = next(clause for clause in CLAUSE.finditer(about) if clause.end() > at)
    ends = [clause.start(), clause.end()]
    for asking in ASKING_ZH.finditer(about, clause.start(), clause.end()):
        ends += [asking.start(), asking.end()]
    start = max((end for end in ends if end <= at), default=clause.start())
    end = min((end for end in ends if end > at), default=clause.end())
    return request.quoted(about[start:end].strip(" 的了为把"), longest=30)


def _trimmed(words: list[str]) -> str:
    """The words without the small ones at both ends, so that a fragment does not stop at "with a"."""
    small = request.STOP - {"draft", "create", "prepare", "produce", "generate", "write", "make", "service"}
    while len(words) > 1 and words[-1].lower() in small:
        words.pop()
    while len(words) > 1 and words[0].lower() in small:
        words.pop(0)
    return " ".join(words).strip(" ,.;:!?\"'“”()")


def _meant(prompt: Prompt, language: Language) -> tuple[str, Facet]:
    """The title of the section and the facet that fills it."""
    if prompt.section is None or not prompt.section.title:
        facet = facets_of(prompt.about, language)[0]
        return facet.title, facet
    title = prompt.section.title
    facet = _for_title(title, prompt.section.text, prompt.about, language)
    return title, _filled(facet, request.subject(prompt.about))


def _for_title(title: str, focus: str, about: str, language: Language) -> Facet:
    known = topics.facet_named(title, language)
    if known is not None and known.title == title:
        return known
    # A title of somebody's own: the nearest notes under it, or general ones, spoken of it.
    parts = request.listed_parts(about)
    template = _shared_out(parts, about, language)[title] if title in parts else _nearest(title, about, language)
    spoken = _filled(template, title)
    key = re.sub(r"\W+", "_", title.lower()).strip("_") or template.key
    return replace(spoken, key=key, place="middle", title=title, focus=focus or spoken.focus)


def _shared_out(parts: list[str], about: str, language: Language) -> dict[str, Facet]:
    """Notes for each of the parts that a request lists: no two get the same."""
    general = _general_notes(language)
    taken: dict[str, Facet] = {}
    for place, part in enumerate(parts):
        near = topics.nearest(part, about, language)
        taken[part] = near if near and near not in taken.values() else general[place % len(general)]
    return taken


def _nearest(title: str, about: str, language: Language) -> Facet:
    general = _general_notes(language)
    by_title = hashlib.sha256(title.encode()).digest()[0]
    return topics.nearest(title, about, language) or general[by_title % len(general)]


def _general_notes(language: Language) -> tuple[Facet, ...]:
    """Notes that can be said of any part of anything."""
    return next(topic for topic in topics.base(language) if topic.name == "parts").facets


def _filled(facet: Facet, subject: str) -> Facet:
    def said(text: str) -> str:
        return text.replace("{subject}", subject)

    return replace(
        facet,
        focus=said(facet.focus),
        items=tuple((said(lead), said(why)) for lead, why in facet.items),
        pitfalls=tuple(map(said, facet.pitfalls)),
        done=said(facet.done),
    )


def _focus(named: Piece | None, facet: Facet) -> str:
    """What the plan says the section is about, if it says so in a line; else what the notes say."""
    text = ALSO_MARK.sub("", named.text) if named else ""
    return text if text and "\n" not in text and len(text) <= 240 else facet.focus
