"""Every mutant of the fault matrix still finds the guard that it takes out."""

from __future__ import annotations

import ast

import pytest

from tests.chaos.matrix import ROWS
from tests.chaos.mutants import MUTANTS, Mutant
from tests.support.stack import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_takes_out_what_is_there_once(mutant: Mutant):
    text = (ROOT / mutant.path).read_text(encoding="utf-8")

    assert text.count(mutant.old) == 1
    if mutant.path.endswith(".py"):
        ast.parse(text.replace(mutant.old, mutant.new))


def test_a_mutant_names_a_row_that_is_there():
    assert {mutant.row for mutant in MUTANTS} <= {row.number for row in ROWS}
