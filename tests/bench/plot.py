"""The ratios as a picture: one bar for each, a line where both are equal. Pure; the SVG is written by hand."""

from __future__ import annotations

import math
from typing import Any

WIDTH, ROW, TOP, LEFT, RIGHT = 860, 34, 64, 220, 120
LABELS = {
    "celery_prefork_1": "Celery, prefork: latency of one order",
    "celery_prefork_100": "Celery, prefork: 100 in flight",
    "celery_prefork_2000": "Celery, prefork: 2,000 in flight",
    "celery_solo_100": "Celery, 2 x solo: 100 in flight",
    "dbos_1": "DBOS: latency of one order",
    "dbos_100": "DBOS: 100 in flight",
    "procrastinate_100": "procrastinate: 100 in flight",
    "prefect_100": "Prefect: 100 in flight",
    "intake_fastapi": "FastAPI + XADD: intake",
}
"""What the bars are called; the key of a ratio that has no peer is not among them."""
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2937}.t{font-size:16px;font-weight:600}.m{fill:#6b7280;font-size:12px}"
    "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.m{fill:#9ca3af}}"
)


def svg(report: dict[str, Any]) -> str:
    """The picture of a report: how many times the peer's figure that of Nexus is; the scale is logarithmic."""
    bars = [(key, report["ratios"][key]) for key in LABELS if report["ratios"].get(key, 0) > 0]
    low, high = _ends(report, [key for key, _ in bars])
    height = TOP + ROW * len(bars) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>Nexus beside its peers</title><style>{STYLE}</style>",
        '<text class="t" x="16" y="26">Nexus beside its peers: times the peer’s figure, more is better</text>',
        f'<text class="m" x="16" y="46">{_escaped(_machine(report))}</text>',
    ]
    for row, (key, value) in enumerate(bars):
        detail = report["measures"].get(key, {})
        parts += _bar(row, key, value, spread=(detail.get("lowest"), detail.get("highest")), low=low, high=high)
    one, bottom = _x(1.0, low=low, high=high), TOP + ROW * len(bars)
    parts.append(f'<line x1="{one}" y1="{TOP - 6}" x2="{one}" y2="{bottom}" stroke="#6b7280" stroke-dasharray="3 3"/>')
    parts.append(f'<text class="m" x="{one}" y="{bottom + 18}" text-anchor="middle">1: as quick as the peer</text>')
    return "\n".join([*parts, "</svg>", ""])


def _bar(
    row: int, key: str, value: float, *, spread: tuple[float | None, float | None], low: float, high: float
) -> list[str]:
    middle, one, at = TOP + ROW * row + ROW / 2, _x(1.0, low=low, high=high), _x(value, low=low, high=high)
    colour = "#2563eb" if value >= 1 else "#d97706"
    left_end, wide = min(one, at), max(1.0, round(abs(at - one), 1))
    found = [
        f'<text x="{LEFT + 40}" y="{middle + 4:.0f}" text-anchor="end">{_escaped(LABELS[key])}</text>',
        f'<rect x="{left_end}" y="{middle - 9:.0f}" width="{wide}" height="18" rx="2" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 50}" y="{middle + 4:.0f}">{value:.2f} ×</text>',
    ]
    if spread[0] and spread[1]:
        left, right = (_x(end, low=low, high=high) for end in spread)
        found.append(
            f'<path d="M{left} {middle - 4:.0f}v8M{left} {middle:.0f}H{right}M{right} {middle - 4:.0f}v8" '
            'stroke="#111827" fill="none"/>'
        )
    return found


def _ends(report: dict[str, Any], keys: list[str]) -> tuple[float, float]:
    found = [0.5, 2.0]
    for key in keys:
        detail = report["measures"].get(key, {})
        found += [value for value in (report["ratios"][key], detail.get("lowest"), detail.get("highest")) if value]
    return min(found), max(found)


def _x(value: float, *, low: float, high: float) -> float:
    """Where a ratio stands."""
    start, end = LEFT + 60, WIDTH - RIGHT + 30
    share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return round(start + share * (end - start), 1)


def _machine(report: dict[str, Any]) -> str:
    machine, settings = report.get("machine", {}), report.get("settings", {})
    return (
        f"{machine.get('cores', '?')} cores, {machine.get('processor', '?')}; median of {settings.get('rounds', '?')} "
        "rounds in turns on the same durable Postgres and Valkey; thin lines: lowest and highest"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
