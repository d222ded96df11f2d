"""What each kind of task asks of its model. Pure text: the request's own words never stand here."""

from __future__ import annotations

from .language import Language

_TASKS: dict[str, str] = {
    "triage": (
        "Sort this request. Say what it is (intent), how hard it is (difficulty) and what it wants in plain words "
        "(brief). Name only files that it names. Say what any good result must satisfy, one requirement a line "
        "(qa_requirements). Where you cannot tell what the outcome should be, the difficulty is unclear: then ask one "
        "question that would settle it (clarification_question). Otherwise there is no question (null)."
    ),
    "plan": (
        "Plan the work: two to six sections that together answer the request and do not overlap, each with a short "
        "key, a title and a focus. They are written side by side by people who do not see each other's; name in "
        "`after` only what a section truly builds on. Then list the criteria by which a reader can tell that the "
        "result is good (acceptance); include the given criteria. Say as checks what a machine can decide: a word that "
        "must be there, a number of words, a block of Python that must run. Few, and only what the request needs."
    ),
    "outline": (
        "Outline the document before its sections are written. For each section: the points it makes, in order, and "
        "what it leaves to the others. Be short."
    ),
    "section": (
        "Write this one section of the document, complete and ready to use, in Markdown. Begin with its content, not "
        "with its title. Follow the outline among the inputs; leave to the other sections what is theirs."
    ),
    "review": (
        "Judge the draft against every criterion, as somebody who sees it for the first time. pass: every criterion "
        "that applies is met. fail: one is not; say which, and what is missing. inconclusive: you cannot tell; say "
        "why. A criterion about running something does not apply to a text that has nothing to run."
    ),
    "revise": (
        "Rewrite the draft so that every point of the feedback is settled and every criterion is met. Keep what was "
        "good. Answer with the whole document in Markdown, not with the changes."
    ),
}

_SMALL = {"plan": " This order is trivial: plan two sections."}

_LANGUAGE: dict[Language, str] = {
    "en": "Write everything that people will read in English, unless the request is plainly in another language.",
    "zh-Hans": "The request is in Chinese. Write everything that people will read in Simplified Chinese (zh-Hans).",
}


def of(kind: str, *, difficulty: str = "") -> str:
    """What a task of this kind is told to do."""
    return _TASKS[kind] + (_SMALL.get(kind, "") if difficulty == "trivial" else "")


def answer_in(language: Language) -> str:
    """The sentence of a system prompt that names the language of the answer."""
    return _LANGUAGE[language]
