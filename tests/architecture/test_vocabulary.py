"""One word per act, and no word that says nothing."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture import tree

EMPTY_FILES = re.compile(r"^_?(utils?|helpers?|common|misc|managers?|services?|selectors?|functions|stuff|shared)$")
EMPTY_NAMES = re.compile(
    r"(^|_)(process|handle)_data$|^process$|(^|_)(manager|helper|utils?)s?$|(Manager|Helper|Utils?)$"
)
CONTRIBUTING = (tree.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WORD = re.compile(r"^\| `(?P<word>\w+)` \| [^|]+ \| `(?P<file>[\w/]+\.py)` \|$", re.MULTILINE)
VOCABULARY = [(match["word"], match["file"]) for match in WORD.finditer(CONTRIBUTING)]


def test_no_file_or_folder_has_an_empty_name():
    named = {
        part for path in [*tree.product(), *tree.tests()] for part in path.relative_to(tree.ROOT).with_suffix("").parts
    }
    assert sorted(part for part in named if EMPTY_FILES.match(part)) == []


def test_nothing_is_called_by_an_empty_name():
    empty = [
        f"{tree.at(path, node)} {node.name}"
        for path in tree.product()
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and EMPTY_NAMES.search(node.name)
    ]
    assert empty == []


def test_contributing_lists_the_words():
    assert len(VOCABULARY) > 20
    assert len({word for word, _ in VOCABULARY}) == len(VOCABULARY), "one word, one act"


@pytest.mark.parametrize(("word", "file"), VOCABULARY)
def test_a_word_of_the_list_is_a_function_where_it_says(word, file):
    assert word in {function.name for function in tree.functions(tree.ROOT / file)}
