"""Allow, ask, deny: what a role may do with a tool, in this order of this project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.models import RegisteredTool, ToolRule

from .base import Permission, Tool


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything that is said about one role in one order, read at once."""

    rules: Sequence[ToolRule]
    disabled: frozenset[str]

    def verdict(self, tool: Tool) -> Permission:
        """What holds: the rule that says most about where it applies; the strictest of several; or the tool's own."""
        if tool.name in self.disabled:
            return "deny"
        fitting = [rule for rule in self.rules if _names(rule.tool, tool.name)]
        if not fitting:
            return tool.permission
        nearest = max(_nearness(rule) for rule in fitting)
        return strictest(rule.verdict for rule in fitting if _nearness(rule) == nearest)


def rules_for(*, role: str, project: str, order: str) -> Rules:
    """The rules that apply there."""
    found = ToolRule.objects.filter(role__in=("", role), project__in=("", project), order__in=("", order))
    disabled = RegisteredTool.objects.filter(enabled=False).values_list("name", flat=True)
    return Rules(rules=list(found), disabled=frozenset(disabled))


def strictest(words: Iterable[str]) -> Permission:
    """deny before ask before allow; a word that is none of them denies."""
    said = set(words)
    return "deny" if said - {"allow", "ask"} else "ask" if "ask" in said else "allow"


def _nearness(rule: ToolRule) -> tuple[bool, bool, bool, int]:
    return bool(rule.order), bool(rule.project), bool(rule.role), 65 if "*" not in rule.tool else len(rule.tool)


def _names(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == name
