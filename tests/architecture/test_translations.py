"""Everything that surfaces say to people is there in Chinese, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import tree

BOOKS = sorted(
    path for place in ("locale", "apps/*/locale") for path in tree.ROOT.glob(f"{place}/zh_Hans/LC_MESSAGES/django.po")
)
"""The shared one, and one for each application that has words of its own."""
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n)+)', re.MULTILINE)


def unquoted(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())


def written(book: Path) -> dict[str, str]:
    text = book.read_text(encoding="utf-8") + "\n"
    return {unquoted(entry[1]): unquoted(entry[2]) for entry in ENTRY.finditer(text) if unquoted(entry[1])}


@cache
def said() -> set[str]:
    """Every literal that is given to gettext, in code and in templates."""
    found = {
        str(call.args[0].value)
        for path in tree.product()
        for call in tree.nodes(tree.parsed(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "gettext"}
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    for page in tree.product(suffix=".html"):
        found |= set(re.findall(r'{% translate "([^"]+)"', page.read_text(encoding="utf-8")))
    return found


def test_everything_that_is_said_is_there_in_chinese():
    words = {word: chinese for book in BOOKS for word, chinese in written(book).items()}

    assert len(said()) > 100
    assert sorted(said() - words.keys()) == []
    assert sorted(word for word, chinese in words.items() if not chinese) == []
    assert sorted(words.keys() - said()) == []


@pytest.mark.parametrize("book", BOOKS, ids=tree.name)
def test_what_is_compiled_is_what_is_written(book):
    with book.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert {word: compiled.gettext(word) for word in written(book)} == written(book)
