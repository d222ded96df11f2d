"""Why a gated task waits, in one sentence."""

from __future__ import annotations

import pytest

from nexus.tasks.models import Run, Task
from nexus.tasks.waiting import why


@pytest.mark.parametrize(
    ("approvers", "said"),
    [
        ([], "Approval 17 is needed: May this go out?"),
        (["ann", "bo"], "Approval 17 is needed, of ann, bo: May this go out?"),
    ],
)
def test_it_says_which_approval_and_of_whom(approvers, said):
    wait = {"code": "approval", "message": "May this go out?", "detail": {"approval": 17, "approvers": approvers}}
    assert why(Task(state="waiting_approval", wait=wait), run=Run()) == said
