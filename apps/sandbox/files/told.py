"""What an answer says of the files that came with the request: the proof that they were read."""

from __future__ import annotations

from collections.abc import Sequence

from apps.sandbox.files.reading import File
from apps.sandbox.prose.language import Language

OPENING = {"en": "I have read what came with it:", "zh": "随附的内容已经读过："}
KINDS = {
    "en": {"image": "picture", "document": "document", "audio": "sound"},
    "zh": {"image": "图片", "document": "文档", "audio": "声音"},
}
PIXELS = {"en": "{}×{} pixels", "zh": "{}×{} 像素"}
PAGES = {"en": "{} pages", "zh": "{} 页"}
SECONDS = {"en": "{:.2f} seconds", "zh": "{:.2f} 秒"}
BYTES = {"en": "{} bytes", "zh": "{} 字节"}
WORDS = {"en": "it says “{}”", "zh": "内容：“{}”"}


def told(files: Sequence[File], spoken: Language) -> str:
    """A line for each file; empty without files."""
    if not files:
        return ""
    return "\n".join([OPENING[spoken], "", *(f"- {line(file, spoken)}" for file in files)]) + "\n\n"


def line(file: File, spoken: Language = "en") -> str:
    """One file: what it is, how large, what it says."""
    named = KINDS[spoken][file.kind] + (f" {file.name}" if file.name else "")
    facts = [file.media_type]
    if file.wide:
        facts.append(PIXELS[spoken].format(file.wide, file.high))
    if file.pages:
        facts.append(PAGES[spoken].format(file.pages))
    if file.kind == "audio":
        facts.append(SECONDS[spoken].format(file.seconds))
    facts.append(BYTES[spoken].format(file.size))
    if file.words:
        facts.append(WORDS[spoken].format(file.words))
    return f"{named}: {', '.join(facts)}"
