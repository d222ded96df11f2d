"""Small on purpose: a file fits in the head, a function on the screen."""

from __future__ import annotations

from statistics import median

from tests.architecture import tree

FILE_CEILING = 300
FUNCTION_CEILING = 40
MEDIAN_FILE = 85
"""Lines. Codebases that people read for pleasure stay below this one."""


def lines(path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_the_ceiling():
    files = [*tree.product(), *tree.product(suffix=".sql"), *tree.tests(), *(tree.ROOT / "bin").iterdir()]
    assert {tree.name(path): lines(path) for path in files if lines(path) > FILE_CEILING} == {}


def test_no_function_is_longer_than_the_ceiling():
    long = {
        f"{tree.at(path, function)} {function.name}": tree.body_length(function)
        for path in tree.product()
        for function in tree.functions(path)
        if tree.body_length(function) > FUNCTION_CEILING
    }
    assert long == {}


def test_the_usual_file_is_short():
    sizes = [lines(path) for path in tree.product() if lines(path)]
    assert median(sizes) <= MEDIAN_FILE
