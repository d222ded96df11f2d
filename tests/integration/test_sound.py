"""What is true of every task and run, whoever writes the row: the database refuses the rest."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from nexus import engine
from tests.support.runs import spec, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "unsound",
    [
        {"deps_left": -1},
        {"attempt": -1},
        {"deps_left": 1},
        {"state": "running", "deps_left": 1},
        {"finished_at": Now()},
        {"state": "completed"},
        {"state": "cancelled"},
    ],
)
def test_an_unsound_task_is_refused(unsound):
    run = submitted(spec("ready"))
    with pytest.raises(IntegrityError, match="task_is_sound"), transaction.atomic():
        engine.tasks.filter(run_id=run.pk).update(**unsound)


@pytest.mark.parametrize("unsound", [{"open_tasks": -1}, {"finished_at": Now()}, {"state": "completed"}])
def test_an_unsound_run_is_refused(unsound):
    run = submitted(spec("ready"))
    with pytest.raises(IntegrityError, match="run_is_sound"), transaction.atomic():
        engine.runs.filter(pk=run.pk).update(**unsound)
