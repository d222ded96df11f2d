"""Every operation of the API, asked at random with an ordinary user's key: no error of ours, nothing off the schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.asking import ask_everything
from tests.fuzz.furnish import furnish
from tests.fuzz.ground import Ground
from tests.support.web import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.timeout(400)  # for a machine that does much else
def test_no_operation_answers_with_an_error_of_ours_or_off_its_schema(settings, tmp_path: Path):
    settings.NEXUS_WORKSPACES = str(tmp_path)
    made = furnish()

    with running() as web:
        report = ask_everything(Ground(made.key, made.known, f"http://{web.address}"), examples=2)

    assert not report.findings, "\n".join(report.lines())
    assert set(report.operations) == set(report.asked)
    assert report.answered[200] > 50, report.answered
    assert report.answered[400] > 50, report.answered
