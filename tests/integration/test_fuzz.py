"""Every operation of the API, asked at random with an ordinary user's key: no server error, nothing off the schema."""

from __future__ import annotations

import pytest

from tests.fuzz.asking import ask_everything
from tests.fuzz.ground import ground


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with ground(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


@pytest.mark.timeout(400)  # it takes half a minute; on a machine that does much else, longer
def test_no_operation_answers_with_an_error_of_ours_or_off_its_schema(there):
    report = ask_everything(there, examples=2)

    assert not report.findings, "\n".join(report.lines())
    assert len(report.asked) > 60
    assert report.answered[200] > 50, report.answered
    assert report.answered[400] > 50, report.answered
