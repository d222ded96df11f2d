"""Criterion by criterion: does the draft hold? Only what can be read off the text is judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps.sandbox.prose import request
from apps.sandbox.prose.language import Language, unsigned
from apps.sandbox.prose.prompt import Prompt

SHORTEST = 10
QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|`([^`]+)`|「([^」]+)」")
PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|XXX|CHANGEME|TBD|lorem ipsum)\b|待补充|占位符", re.IGNORECASE)
ABOUT_PLACEHOLDERS = re.compile(r"placeholder|lorem|\bTODO\b|占位", re.IGNORECASE)
CONTENT = r"(?:mention|contain|include|cover|name|list|quote|speak of|talk about)(?:s|ing)?"
POSITIVE = re.compile(
    rf"\b{CONTENT}\b\s*[:：]?\s*(?P<what>.+)|(?:必须包含|包含|提到|涵盖|列出)\s*[:：]?\s*(?P<zh>.+)", re.IGNORECASE
)
NEGATIVE = re.compile(
    rf"\b(?:does not|do not|doesn't|don't|must not|should not|may not|never)\s+{CONTENT}\b\s*[:：]?\s*(?P<what>.+)"
    r"|(?:不得|不要|不能|不应)(?:包含|提到|出现|使用)\s*[:：]?\s*(?P<zh>.+)",
    re.IGNORECASE,
)
EXACT = re.compile(
    r"\s*(?:must contain|必须包含|must not contain|不得包含)\s*[:：]\s*(?P<what>.*\S)\s*", re.IGNORECASE | re.DOTALL
)
AT_LEAST = re.compile(
    r"(?:at least|>=|minimum(?: of)?|至少)\s*(\d+|one|two|three|four|five|six|seven|eight|nine|ten|[一二三四五六七八九十两])\s*"
    r"(?:个|条|节|项)?\s*(?:\w+\s+)?(sections?|headings?|items?|points?|steps?|bullets?|章节|节|部分|条|项|步骤|要点)",
    re.IGNORECASE,
)
AT_MOST_WORDS = re.compile(r"(?:at most|no more than|under|fewer than|less than|<=)\s*(\d+)\s*words", re.IGNORECASE)
NUMBERS = {
    word: number
    for words in ("one two three four five six seven eight nine ten".split(), "一二三四五六七八九十")
    for number, word in enumerate(words, start=1)
} | {"两": 2}
HEADINGS = re.compile(r"(?m)^#{1,4}\s+\S")
ITEMS = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+\S")
FORMAL = frozenset(
    "mention mentions mentioned contain contains include includes including cover covers covering section sections clear "
    "concrete points point every each names name text speaks leaves has answer answers must result least follows written "
    "present explains explain describe describes result deliverable draft list lists request requested complete".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One criterion against the draft. `lacking` is what would have to be there."""

    criterion: str
    ok: bool
    why: str
    lacking: tuple[str, ...] = ()
    forbids: bool = False


def review(prompt: Prompt, language: Language) -> dict[str, Any]:
    """Verdict, reasons and the checks behind them."""
    checks = checks_of(prompt, language)
    failed = [check for check in checks if not check.ok]
    whole = {"en": f"All {len(checks)} criteria hold.", "zh": f"{len(checks)}条标准全部满足。"}[language]
    return {
        "verdict": "fail" if failed else "pass",
        "reasons": [check.why for check in failed] or [whole],
        "checks": [{"criterion": check.criterion, "ok": check.ok, "why": check.why} for check in checks],
    }


def as_text(prompt: Prompt, language: Language) -> str:
    """The review for reading, where no schema was asked for."""
    made = review(prompt, language)
    marks = {True: "x", False: " "}
    lines = [f"**{made['verdict'].upper()}**", ""]
    return "\n".join(
        [*lines, *(f"- [{marks[check['ok']]}] {check['criterion']} — {check['why']}" for check in made["checks"])]
    )


def checks_of(prompt: Prompt, language: Language) -> list[Check]:
    """Every criterion checked; two that always hold for a useful draft come first."""
    draft = unsigned(prompt.draft or "")
    if len(draft) < SHORTEST:
        why = {"en": "The draft is empty.", "zh": "草稿是空的。"}[language]
        return [Check(criterion={"en": "There is a draft", "zh": "有草稿"}[language], ok=False, why=why)]
    return [_follows(prompt, draft, language), *(_check(criterion, draft, language) for criterion in prompt.criteria)]


def _follows(prompt: Prompt, draft: str, language: Language) -> Check:
    terms = request.terms(prompt.request or prompt.brief, most=8)
    missing = tuple(term for term in terms if not has(draft, term))
    criterion = {"en": "The draft follows the request", "zh": "草稿切合需求"}[language]
    if len(missing) * 3 > len(terms) * 2:
        why = {"en": "It does not speak of: {}.", "zh": "没有谈到：{}。"}[language].format(", ".join(missing))
        return Check(criterion=criterion, ok=False, why=why, lacking=missing)
    found = ", ".join(term for term in terms if term not in missing) or "-"
    why = {"en": "It speaks of: {}.", "zh": "谈到了：{}。"}[language].format(found)
    return Check(criterion=criterion, ok=True, why=why)


def _check(criterion: str, draft: str, language: Language) -> Check:
    if ABOUT_PLACEHOLDERS.search(criterion):
        return _placeholders(criterion, draft, language)
    if counted := _counted(criterion, draft, language):
        return counted
    if NEGATIVE.search(criterion):
        return _without(criterion, draft, language)
    wanted = demanded(criterion)
    missing = tuple(word for word in wanted if not has(draft, word))
    if missing:
        why_not = {"en": "Missing: {}.", "zh": "缺少：{}。"}[language].format(", ".join(missing))
        return Check(criterion=criterion, ok=False, why=why_not, lacking=missing)
    said = {
        True: {"en": "Found in the draft.", "zh": "草稿中有。"},
        # A judgement of taste or of running it is not to be had from the text alone.
        False: {"en": "Nothing in the draft speaks against it.", "zh": "草稿中没有与之相悖之处。"},
    }
    return Check(criterion=criterion, ok=True, why=said[bool(wanted)][language])


def demanded(criterion: str) -> tuple[str, ...]:
    """What a criterion wants to find in the text: what it quotes, or what it says is to be mentioned."""
    if NEGATIVE.search(criterion) or ABOUT_PLACEHOLDERS.search(criterion) or AT_LEAST.search(criterion):
        return ()
    if exact := EXACT.fullmatch(criterion):
        return (exact["what"],)
    if quoted := _quotes(criterion):
        return quoted
    match = POSITIVE.search(criterion)
    return tuple(_meaning(match["what"] or match["zh"])) if match else ()


def _without(criterion: str, draft: str, language: Language) -> Check:
    """A criterion that forbids something: word for word, or by what it quotes or names."""
    exact, named = EXACT.fullmatch(criterion), NEGATIVE.search(criterion)
    assert named is not None
    banned = (exact["what"],) if exact else _quotes(criterion) or tuple(_meaning(named["what"] or named["zh"]))
    present = tuple(word for word in banned if _folded(word) in _folded(draft))
    why = {"en": "Not in the draft.", "zh": "草稿中没有。"}[language]
    if present:
        why = {"en": "Found: {}.", "zh": "出现了：{}。"}[language].format(", ".join(present))
    return Check(criterion=criterion, ok=not present, why=why, lacking=present, forbids=True)


def _placeholders(criterion: str, draft: str, language: Language) -> Check:
    found = PLACEHOLDER.search(draft)
    why = {"en": "None was found.", "zh": "没有发现。"}[language] if found is None else f"“{found.group()}”"
    return Check(criterion=criterion, ok=found is None, why=why)


def _counted(criterion: str, draft: str, language: Language) -> Check | None:
    if match := AT_LEAST.search(criterion):
        number = NUMBERS.get(match.group(1).lower()) or int(match.group(1))
        of_headings = re.match(r"section|heading|章节|节|部分", match.group(2), re.IGNORECASE)
        found = len((HEADINGS if of_headings else ITEMS).findall(draft))
        return Check(
            criterion=criterion, ok=found >= number, why={"en": f"It has {found}.", "zh": f"有{found}个。"}[language]
        )
    if match := AT_MOST_WORDS.search(criterion):
        found = len(draft.split())
        ok = found <= int(match.group(1))
        return Check(criterion=criterion, ok=ok, why={"en": f"It has {found} words.", "zh": f"共{found}词。"}[language])
    return None


def _quotes(text: str) -> tuple[str, ...]:
    return tuple(next(part for part in groups if part) for groups in QUOTED.findall(text))


def _meaning(text: str) -> list[str]:
    return [term for term in request.terms(text, most=8) if term not in FORMAL]


def has(draft: str, word: str) -> bool:
    """Whether the draft says it; single words are compared by their stem ("workers" finds "worker")."""
    low, word = _folded(draft), _folded(word)
    if word in low:
        return True
    return " " not in word and word.isascii() and len(word) > 5 and word[: max(5, len(word) - 3)] in low


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
