"""From a page's bytes to its words. Pure."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "object"})
BREAKS = frozenset(
    "p div br hr li ul ol dl dt dd tr table section article header footer main nav aside pre blockquote form figure"
    " h1 h2 h3 h4 h5 h6 title".split()
)
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
TOLD = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


def kind_of(content_type: str) -> str | None:
    """html or text, or None for what has no words."""
    named = content_type.partition(";")[0].strip().lower()
    if named in ("text/html", "application/xhtml+xml"):
        return "html"
    if named.startswith("text/") or named.endswith(("json", "xml", "yaml", "javascript", "csv")) or not named:
        return "text"
    return None


def decoded(body: bytes, content_type: str) -> str:
    """The characters: by the mark at their beginning, the header, the page's own word, or as UTF-8."""
    for mark, name in BOMS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    told = TOLD.search(content_type)
    meta = CHARSET.search(body[:4096])
    named = [told[1] if told else "", meta[1].decode("ascii") if meta else ""]
    for word in named:
        if word and _is_text(word):
            return body.decode(word, "replace")
    return body.decode("utf-8", "replace")


def _is_text(name: str) -> bool:
    try:
        return bool(getattr(codecs.lookup(name), "_is_text_encoding", True)) and "unicode_escape" not in name.lower()
    except LookupError:
        return False


def words_of(html: str) -> str:
    """What a reader sees of a page: its title, headings, paragraphs and lists."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return f"{reader.title.strip()}\n\n{text}".strip() if reader.title.strip() else text


class _Reader(HTMLParser):
    """Gathers the words, and where they break."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title = ""
        self._silent: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "body":
            self._silent.clear()  # a head that nobody closed
        elif tag in SILENT:
            self._silent.append(tag)
        elif tag in BREAKS:
            self.parts.append("\n" + HEADINGS.get(tag, "- " if tag == "li" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._silent:
            while self._silent.pop() != tag:
                continue
        elif tag in BREAKS:
            self.parts.append("\n")

    def _gather(self, data: str) -> None:
        if self._in_title:
            self.title += " ".join(data.split())
        elif not self._silent:
            self.parts.append(data.replace("\n", " "))

    handle_data = _gather
