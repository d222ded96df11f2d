"""The table for people. Pure."""

from __future__ import annotations

from typing import Any

from apps.terminal.console import table as columns

_COLUMNS = ("orders/s", "lowest", "highest", "p50 ms", "p99 ms", "CPU ms", "SQL", "commits", "MiB", "disturbed")
_KEYS = (
    "orders_per_s", "lowest", "highest", "p50_ms", "p99_ms", "cpu_ms", "statements", "commits", "memory_mib",
    "disturbed",
)  # fmt: skip


def table(report: dict[str, Any]) -> str:
    """Every figure of a report."""
    lines = [("MEASUREMENT", "OF", *_COLUMNS)]
    for name, detail in report["measures"].items():
        for who, told in detail.items():
            if isinstance(told, dict) and "orders_per_s" in told:
                lines.append((name, who, *(_figure(told.get(key)) for key in _KEYS)))
    parts = [columns(lines)] if len(lines) > 1 else []
    parts += [f"{name}\n{_plain(detail)}" for name, detail in report["measures"].items() if "ratio" not in detail]
    parts.append(columns([("RATIO", "", "LOWEST", "HIGHEST"), *_ratios(report)]))
    for title in ("not_run", "failures"):
        parts += [f"{title.replace('_', ' ')}: {name}: {why}" for name, why in report[title].items()]
    return "\n\n".join(parts)


def _ratios(report: dict[str, Any]) -> list[tuple[str, ...]]:
    found = []
    for name, value in report["ratios"].items():
        detail = report["measures"].get(name, {})
        found.append((name, _figure(value), _figure(detail.get("lowest")), _figure(detail.get("highest"))))
    return found


def _plain(detail: dict[str, Any]) -> str:
    return "\n".join(
        f"  {key}: {_figure(value)}" for key, value in detail.items() if not isinstance(value, dict | list)
    )


def _figure(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)
