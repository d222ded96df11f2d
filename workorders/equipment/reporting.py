"""Findings become a page, in the language of the request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from workorders.language import Language

_TITLES: dict[str, dict[Language, str]] = {
    "health_check": {"en": "Health check", "zh-Hans": "健康检查"},
    "log_rotate": {"en": "Log rotation", "zh-Hans": "日志轮转"},
    "backup": {"en": "Backup", "zh-Hans": "备份"},
    "cost_report": {"en": "Cost report", "zh-Hans": "成本报告"},
}
_AT: dict[Language, str] = {
    "en": "As of {}. No model was asked; this cost nothing.",
    "zh-Hans": "截至 {}。未调用任何模型，费用为零。",
}


def page(machine: str, language: Language, *, at: datetime, blocks: Iterable[str]) -> str:
    """A title, the time, and the blocks."""
    moment = _AT[language].replace("{}", at.strftime("%Y-%m-%d %H:%M:%S %Z"))
    return "\n\n".join([f"# {_TITLES[machine][language]}", *(block for block in blocks if block), moment]) + "\n"


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; what stands in a cell cannot leave it."""
    lines = [_row(headers), _row(["---"] * len(headers)), *(_row([_cell(cell) for cell in row]) for row in rows)]
    return "\n".join(lines)


def said(language: Language, english: str, chinese: str) -> str:
    """One of the two."""
    return chinese if language == "zh-Hans" else english


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _cell(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|")
