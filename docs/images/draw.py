"""Draw what a terminal showed: text with ANSI colours on stdin, SVG on stdout.

script -qec 'bin/nexus run "…"' /dev/null | python docs/images/draw.py > docs/images/run.svg
"""

from __future__ import annotations

import re
import sys
from html import escape

COLOURS = {
    "1": "#f0f6fc",
    "2": "#8b949e",
    "31": "#ff7b72",
    "32": "#56d364",
    "33": "#e3b341",
    "34": "#79c0ff",
    "35": "#d2a8ff",
    "36": "#76e3ea",
}
CODE = re.compile(r"\x1b\[([0-9;]*)m")
OTHER = re.compile(r"\x1b\[[0-9;?]*[A-HJKSTfhlsu]|\r")
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
WIDTH, HEIGHT, LEFT, TOP = 8.4, 20, 18, 52


def draw(text: str) -> str:
    """Return the picture."""
    lines = OTHER.sub("", text).rstrip("\n").split("\n")
    wide = max(len(CODE.sub("", line)) for line in lines) * WIDTH + 2 * LEFT
    high = len(lines) * HEIGHT + TOP + 12
    rows = "\n".join(_row(line, TOP + number * HEIGHT) for number, line in enumerate(lines))
    size = f'width="{wide:.0f}" height="{high}" viewBox="0 0 {wide:.0f} {high}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">
<title>bin/nexus run, in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g fill="#30363d"><circle cx="22" cy="20" r="6"/><circle cx="42" cy="20" r="6"/><circle cx="62" cy="20" r="6"/></g>
<g font-family="{FONT}" font-size="14" fill="#c9d1d9" xml:space="preserve">
{rows}
</g>
</svg>
"""


def _row(line: str, y: int) -> str:
    spans, colour, bold, column = [], "", "", 0
    for place, part in enumerate(CODE.split(line)):
        if place % 2:
            codes = [code for code in part.split(";") if code not in ("", "0")]
            colour = next((COLOURS[code[-2:] if code != "1" else code] for code in codes if code[-2:] in COLOURS), "")
            bold = ' font-weight="bold"' if "1" in codes else ""
        elif part:
            fill = f' fill="{colour}"' if colour else ""
            spans.append(f'<tspan x="{LEFT + column * WIDTH:.1f}"{fill}{bold}>{escape(part)}</tspan>')
            column += len(part)
    return f'<text y="{y}">{"".join(spans)}</text>'


if __name__ == "__main__":
    sys.stdout.write(draw(sys.stdin.read()))
