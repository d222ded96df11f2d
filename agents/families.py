"""Families of models: which queue a model's name belongs to, and who is asked for it.

The name is compared in lower case, with the patterns of each family in the order of the settings; the first family with
a pattern in it is the one. A family has a queue of its own, `nexus.model.<family>`, and a provider of its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family, as the settings have it."""

    name: str
    patterns: tuple[str, ...]
    model: str
    """What is asked where somebody names the family and no model of it."""

    @property
    def queue(self) -> str:
        """Where its work waits."""
        return f"nexus.model.{self.name}"

    def model_of(self, name: str) -> str:
        """`provider/model` for what somebody calls it."""
        return f"{self.name}/{self.model if name.strip().lower() == self.name else name.strip()}"


def known() -> dict[str, Family]:
    """Every family by its name, in the order in which they are tried. ImproperlyConfigured."""
    return {name: _family(name, told) for name, told in settings.NEXUS_MODEL_FAMILIES.items()}


def of(model: str) -> Family | None:
    """The family that this name belongs to, if it belongs to one."""
    low = model.lower()
    return next((one for one in known().values() if any(pattern in low for pattern in one.patterns)), None)


def usual() -> Family:
    """The one for names that belong to none."""
    found = known().get(settings.NEXUS_MODEL_FAMILY)
    if found is None:
        raise ImproperlyConfigured(f"NEXUS_MODEL_FAMILY={settings.NEXUS_MODEL_FAMILY} is not in NEXUS_MODEL_FAMILIES")
    return found


def _family(name: str, told: Any) -> Family:
    patterns = told.get("patterns") if isinstance(told, Mapping) else None
    if not isinstance(patterns, list) or not all(isinstance(one, str) and one for one in patterns):
        example = f'{{"{name}": {{"patterns": ["{name}"], "model": "…"}}}}'
        raise ImproperlyConfigured(f"NEXUS_MODEL_FAMILIES: {name} is not understood; write {example}")
    return Family(name=name, patterns=tuple(one.lower() for one in patterns), model=str(told.get("model") or name))
