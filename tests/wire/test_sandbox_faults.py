"""What the real SDK makes of each fault that the sandbox can be told to have."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 4096,
    "messages": [{"role": "user", "content": "Draft a release checklist for a Django service"}],
}


@pytest.fixture(scope="module")
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture
def sandbox(box: Remote) -> Iterator[Remote]:
    yield box
    box.forget_scenarios()


@pytest.fixture(scope="module")
def client(box: Remote) -> Iterator[anthropic.Anthropic]:
    timeout = httpx2.Timeout(5, connect=2, read=0.3)
    with anthropic.Anthropic(base_url=box.url, api_key="sk-test", max_retries=0, timeout=timeout) as found:
        yield found


def streamed(client: anthropic.Anthropic) -> Any:
    with client.messages.stream(**ASKED) as stream:
        return stream.get_final_message()


STATUSES = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    401: (anthropic.AuthenticationError, "authentication_error"),
    402: (anthropic.PaymentRequiredError, "billing_error"),
    403: (anthropic.PermissionDeniedError, "permission_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    408: (anthropic.RequestTimeoutError, "timeout_error"),
    409: (anthropic.ConflictError, "conflict_error"),
    413: (anthropic.ContentTooLargeError, "request_too_large"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    503: (anthropic.ServiceUnavailableError, "api_error"),
    504: (anthropic.GatewayTimeoutError, "timeout_error"),
    529: (anthropic.OverloadedError, "overloaded_error"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_arrives_as_its_own_error(sandbox, client, status):
    kind, type_ = STATUSES[status]
    sandbox.script(status=status)
    with pytest.raises(kind) as raised:
        streamed(client)
    assert raised.value.status_code == status
    assert raised.value.type == type_
    assert raised.value.request_id.startswith("req_sandbox_")
    assert sandbox.last()["outcome"] == "error"


@pytest.mark.parametrize("after", ["0", "7", "100000", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after_is_sent_as_scripted(sandbox, client, after):
    sandbox.script(status=429, retry_after=after)
    with pytest.raises(anthropic.RateLimitError) as raised:
        streamed(client)
    assert raised.value.response.headers["retry-after"] == after


def test_without_retry_after_there_is_no_such_header(sandbox, client):
    sandbox.script(status=429)
    with pytest.raises(anthropic.RateLimitError) as raised:
        streamed(client)
    assert "retry-after" not in raised.value.response.headers


def test_an_error_body_can_be_written_word_for_word(sandbox, client):
    details = {"error_code": "enforced_spend_limit_reached"}
    sandbox.script(
        status=429,
        error={"type": "rate_limit_error", "message": "Spend limit reached.", "details": details},
        headers={"X-Should-Retry": "false"},
    )
    with pytest.raises(anthropic.RateLimitError) as raised:
        streamed(client)
    assert raised.value.api_message == "Spend limit reached."
    assert raised.value.error_code == "enforced_spend_limit_reached"
    assert raised.value.response.headers["x-should-retry"] == "false"


def test_a_page_of_html_is_not_an_answer(sandbox, client):
    sandbox.script(times=2, body="<html>Welcome</html>", content_type="text/html")
    with pytest.raises((anthropic.APIError, json.JSONDecodeError, AssertionError)):
        streamed(client)
    assert sandbox.last()["outcome"] == "answered"
    with httpx2.Client(trust_env=False, verify=NOBODY) as raw:
        answer = raw.post(f"{sandbox.url}/v1/messages", json=ASKED, headers={"x-api-key": "k"})
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (
        200,
        "text/html",
        "<html>Welcome</html>",
    )


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_that_ends_before_the_headers(sandbox, client, how):
    sandbox.script(before_headers=how)
    with pytest.raises(anthropic.APIConnectionError):
        streamed(client)
    entry = sandbox.last()
    assert (entry["outcome"], entry["status"], entry["bytes"]) == ("cut", None, 0)


def test_headers_that_never_come_time_out(sandbox, client):
    sandbox.script(before_headers="stall")
    with pytest.raises(anthropic.APITimeoutError):
        streamed(client)
    assert sandbox.last()["outcome"] == "client_gone"


def test_a_first_byte_that_comes_late_times_out(sandbox, client):
    sandbox.script(latency_ms=2000)
    with pytest.raises(anthropic.APITimeoutError):
        streamed(client)
    assert sandbox.last()["outcome"] == "client_gone"


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("place", [{"bytes": 700}, {"events": 0}, {"events": 5}])
def test_a_stream_that_is_cut_raises_in_the_middle(sandbox, client, how, place):
    ((unit, at),) = place.items()
    sandbox.script(**{f"{how}_after_{unit}": at})
    with pytest.raises(httpx2.TransportError):
        streamed(client)
    entry = sandbox.last()
    assert (entry["outcome"], entry["status"]) == ("cut", 200)
    assert entry["usage"]["output_tokens"] > 0
    if unit == "bytes":
        assert entry["bytes"] == at


def test_a_stream_that_stalls_times_out(sandbox, client):
    sandbox.script(stall_after_events=4)
    with pytest.raises(httpx2.ReadTimeout):
        streamed(client)
    assert sandbox.last()["outcome"] == "client_gone"


def test_a_stall_that_outlasts_its_time_is_cut(sandbox, client):
    sandbox.script(stall_after_events=4, stall_ms=20)
    with pytest.raises(httpx2.RemoteProtocolError):
        streamed(client)
    assert sandbox.last()["outcome"] == "cut"


def test_a_stream_that_ends_early_and_cleanly_looks_complete_to_http(sandbox, client):
    sandbox.script(end_after_events=6)
    with client.messages.stream(**ASKED) as stream:
        kinds = [event.type for event in stream]
        message = stream.current_message_snapshot
    assert "message_stop" not in kinds
    assert message.stop_reason is None
    assert sandbox.last()["outcome"] == "cut"


def test_an_error_event_in_the_middle_is_raised(sandbox, client):
    sandbox.script(error_after_events=5, error={"type": "overloaded_error", "message": "Overloaded"})
    with pytest.raises(anthropic.APIStatusError) as raised:
        streamed(client)
    assert raised.value.type == "overloaded_error"
    assert raised.value.body["request_id"].startswith("req_sandbox_")
    assert sandbox.last()["outcome"] == "error"


def test_json_that_breaks_off_is_raised(sandbox, client):
    sandbox.script(malformed="truncated_json")
    with pytest.raises(json.JSONDecodeError):
        streamed(client)


def test_bytes_that_are_no_text_are_raised(sandbox, client):
    sandbox.script(malformed="invalid_utf8")
    with pytest.raises(UnicodeDecodeError):
        streamed(client)


def test_an_event_without_its_name_is_dropped_in_silence(sandbox, client):
    whole = streamed(client).content[0].text
    sandbox.script(malformed="no_event_line", malformed_after_events=5)
    assert len(streamed(client).content[0].text) < len(whole)


@pytest.mark.parametrize("kind", ["giant_line", "unknown_event"])
def test_what_a_client_has_to_ignore_does_no_harm(sandbox, client, kind):
    whole = streamed(client).content[0].text
    sandbox.script(malformed=kind)
    assert streamed(client).content[0].text == whole


def test_an_answer_in_one_piece_can_be_cut_too(sandbox, client):
    sandbox.script(close_after_bytes=100)
    with pytest.raises(anthropic.APIConnectionError):
        client.messages.create(**ASKED)
    assert sandbox.last()["bytes"] == 100
    sandbox.script(end_after_bytes=100)
    with pytest.raises((anthropic.APIError, json.JSONDecodeError)):
        client.messages.create(**ASKED)


def test_a_compressed_stream_is_read(sandbox, client):
    plain = streamed(client).content[0].text
    sandbox.script(times=2, gzip=True)
    with client.messages.stream(**ASKED) as stream:
        assert stream.response.headers["content-encoding"] == "gzip"
        assert stream.get_final_text() == plain
    assert client.messages.create(**ASKED).content[0].text == plain


def test_usage_can_be_missing_zero_absurd_or_given(sandbox, client):
    sandbox.script(usage="zero")
    assert streamed(client).usage.output_tokens == 0
    sandbox.script(usage="absurd")
    assert streamed(client).usage.output_tokens == 10**12
    sandbox.script(usage={"input_tokens": 7, "cache_read_input_tokens": 5})
    usage = streamed(client).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (7, 5)
    sandbox.script(usage="missing")
    with pytest.raises(AttributeError):  # the SDK adds to a usage that is not there
        streamed(client)
    assert sandbox.last()["usage"] is None


def test_words_can_be_put_into_its_mouth(sandbox, client):
    sandbox.script(text="Just this.")
    assert streamed(client).content[0].text == "Just this."
    sandbox.script(data={"verdict": "fail"})
    assert json.loads(streamed(client).content[0].text) == {"verdict": "fail"}
    sandbox.script(content=[])
    assert streamed(client).content == []
    sandbox.script(refuse=True)
    refused = streamed(client)
    assert (refused.stop_reason, refused.stop_details.category) == ("refusal", "general_harms")
    sandbox.script(stop_reason="something_new")
    assert streamed(client).stop_reason == "something_new"


def test_tools_can_be_called_that_nobody_offered(sandbox, client):
    sandbox.script(tool_calls=[{"name": "launch", "input": {"at": 1}}, {"name": "launch", "input": {"at": 2}}])
    message = streamed(client)
    assert message.stop_reason == "tool_use"
    assert [call.input for call in message.content] == [{"at": 1}, {"at": 2}]
    assert len({call.id for call in message.content}) == 2


def test_the_sdk_retries_and_is_answered_in_the_end(sandbox):
    sandbox.script(times=2, status=529, headers={"retry-after-ms": "1"})
    before = sandbox.count()
    with anthropic.Anthropic(base_url=sandbox.url, api_key="k", max_retries=2) as patient:
        assert streamed(patient).stop_reason == "end_turn"
    assert sandbox.count() == before + 3


def test_a_client_that_leaves_is_noticed(sandbox, client):
    sandbox.script(chunk_ms=50)
    with client.messages.stream(**ASKED) as stream:
        next(iter(stream))
    entry = sandbox.last()
    assert entry["outcome"] == "client_gone"


def test_the_pace_can_be_scripted(sandbox, client):
    sandbox.script(chunk_ms=10, text="word " * 600)
    before = time.monotonic()
    streamed(client)
    assert time.monotonic() - before > 0.1
