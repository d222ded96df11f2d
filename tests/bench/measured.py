"""What is asked of a run and what a measurement answers. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class NotRun(Exception):
    """It cannot be measured here, and the text says why; that is no failure."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of a run."""

    only: list[str]
    rounds: int
    seconds: float
    nexus_pool: str
    calls_pool: str
    tasks: int
    svg: Path | None
    quiet: bool
    json: bool

    def told(self) -> dict[str, Any]:
        """Those that a figure depends on, for the report."""
        return {key: value for key, value in asdict(self).items() if key not in {"svg", "quiet", "json"}}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Figures by the keys of the report, and everything they were made of."""

    ratios: dict[str, float] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
