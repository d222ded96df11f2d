"""What else becomes of an answer, for each wire we speak, beside the faults that have a name: see the table of those.

Each is asked of all three wires. Whatever happens, the provider has received one request, and one is booked.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import override_settings

from agents import errors
from agents.providers.messages import ToolOffer
from tests.support.model_calls import check_journals, lines, states
from tests.support.wires import WIRES, asked, every_wire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with every_wire() as sandbox:
        yield sandbox


OFFERED = ToolOffer(name="a", description="", schema={"type": "object", "properties": {}})


def each(sandbox, script: dict[str, Any], **given: Any) -> list[Any]:
    """What becomes of the same fault on each wire. Exactly one request arrives for each: nobody retries in secret."""
    found = []
    for number, model in enumerate(WIRES):
        sandbox.script(**script)
        found.append(asked(model, **given))
        assert sandbox.count() == number + 1, model
    check_journals(sandbox)
    return found


def test_a_gateway_that_is_busy_may_have_lost_an_answer(sandbox):
    for error in each(sandbox, {"status": 503, "body": "busy", "content_type": "text/plain"}):
        assert (type(error), error.disposition) == (errors.AnswerLost, "retry")
    assert states() == ["UNKNOWN"] * 3
    assert {line.quality for line in lines()} == {"estimated"}


def test_words_of_any_script_arrive_whole(sandbox):
    for answer in each(sandbox, {"text": "\u4f60\u597d \U0001f389", "latency_ms": 300}):
        assert answer.text == "\u4f60\u597d \U0001f389"
    assert states() == ["SETTLED"] * 3
    assert {line.quality for line in lines()} == {"reported"}


@pytest.mark.parametrize(
    ("calls", "malformed"),
    [
        ([{"name": "nobody_offered_this", "input": {"x": 1}}], [""]),
        ([{"name": "a", "input": {}}, {"name": "b", "input": {"y": [1]}}], ["", ""]),
        ([{"name": "a", "raw": '{"x": '}], ['{"x": ']),
        ([{"name": "a", "raw": "[1]"}], ["[1]"]),
    ],
)
def test_tools_are_taken_as_they_come_and_what_is_no_input_is_marked(sandbox, calls, malformed):
    for answer in each(sandbox, {"tool_calls": calls}, tools=(OFFERED,)):
        assert [use.name for use in answer.tool_uses] == [call["name"] for call in calls]
        assert [use.malformed for use in answer.tool_uses] == malformed
        assert answer.stop_reason == "tool_use"
    assert {line.quality for line in lines()} == {"reported"}


def test_an_answer_without_content_is_paid_and_asked_for_again(sandbox):
    for model in WIRES:
        sandbox.script(content=[], match={"model": model.rpartition("/")[2]})
        answer = asked(model)
        assert answer.text
        assert answer.cost_usd == sum(line.amount for line in lines()[-2:])
    assert states() == ["SETTLED"] * 6
    check_journals(sandbox)


def test_an_error_before_anything_was_said_costs_nothing(sandbox):
    for model in WIRES:
        sandbox.script(error_after_events=0, error={"type": "overloaded_error", "code": "server_is_overloaded"})
        assert type(asked(model)) is errors.ProviderOverloaded, model
    assert {(line.amount, line.quality) for line in lines()} == {(0, "reported")}
    check_journals(sandbox)


def test_who_is_not_there_is_no_line_at_all():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with override_settings(NEXUS_SANDBOX_URL=url):
            for model in WIRES:
                error = asked(model)
                assert (type(error), error.disposition) == (errors.ProviderUnavailable, "give_back")
    assert (states(), lines()) == (["UNBILLED"] * 3, [])
