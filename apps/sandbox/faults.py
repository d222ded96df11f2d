"""Everything that goes wrong at providers, by name: what to `do`, with the status and the words of each provider.

`{"fault": "quota"}` in a script stands for what is here; whatever else the script says goes before it.
"""

from __future__ import annotations

from typing import Any

Do = dict[str, Any]

GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
PORTAL = "<!doctype html><html><head><title>Sign in to the network</title></head><body>Sign in</body></html>"
LONG_AGO = "Mon, 01 Jan 2001 00:00:00 GMT"

ON_EVERY_WIRE: dict[str, Do] = {
    # Before anything is said.
    "silence": {"before_headers": "stall"},
    "closed": {"before_headers": "close"},
    "reset": {"before_headers": "reset"},
    "slow_first_byte": {"latency_ms": 2000},
    "redirect": {"status": 307},
    "gateway_page": {"status": 502, "body": GATEWAY, "content_type": "text/html"},
    "portal_page": {"body": PORTAL, "content_type": "text/html"},
    "garbage": {"body": "\x00\x01\ufffd}{ not an answer"},
    "empty_body": {"body": ""},
    "null_body": {"body": "null"},
    "error_without_a_body": {"status": 500, "body": ""},
    "error_of_nobody": {"status": 500, "body": '{"detail": "Internal Server Error"}'},
    # In the middle.
    "stall_at_once": {"stall_after_events": 0},
    "stall_midway": {"stall_after_events": 4},
    "cut_at_once": {"close_after_events": 0},
    "cut_midway": {"close_after_events": 4},
    "cut_in_an_event": {"close_after_bytes": 700},
    "reset_midway": {"reset_after_events": 4},
    "ends_early": {"end_after_events": 4},
    "no_end": {"malformed": "no_end"},
    "pings_only": {"malformed": "pings_only", "stall_ms": 1000},
    "error_midway": {"error_after_events": 4},
    "truncated_json": {"malformed": "truncated_json"},
    "invalid_utf8": {"malformed": "invalid_utf8"},
    "empty_data": {"malformed": "empty_data"},
    "swapped_events": {"malformed": "swapped_events"},
    "duplicate_event": {"malformed": "duplicate_event"},
    "no_event_line": {"malformed": "no_event_line"},
    # What has to be borne.
    "unknown_event": {"malformed": "unknown_event"},
    "giant_line": {"malformed": "giant_line"},
    "comments": {"malformed": "comments"},
    "crlf": {"malformed": "crlf"},
    "byte_by_byte": {"split_bytes": 7},
    "compressed": {"gzip": True},
    "not_compressed_as_said": {"headers": {"content-encoding": "gzip"}},
    "json_in_place_of_a_stream": {"as_stream": False},
    "stream_in_place_of_json": {"as_stream": True},
    "clock_skew": {"headers": {"date": LONG_AGO}},
    "no_limits": {"quirks": ["no_limits"]},
    # Wrong in itself.
    "no_usage": {"usage": "missing"},
    "zero_usage": {"usage": "zero"},
    "absurd_usage": {"usage": "absurd"},
    "nothing_said": {"content": []},
    "unknown_stop": {"stop_reason": "something_new"},
    "refusal": {"refuse": True},
    "out_of_tokens": {"stop_reason": "max_tokens"},
    "tool_nobody_offered": {"tool_calls": [{"name": "launch_rocket", "input": {"at": "once"}}]},
    "broken_arguments": {"tool_calls": [{"name": "launch_rocket", "raw": '{"at": "on'}]},
    "many_tools_at_once": {"tool_calls": [{"name": "launch_rocket", "input": {"n": n}} for n in range(8)]},
    # Refusals that both word alike.
    "bad_key": {"status": 401},
    "forbidden": {"status": 403},
    "timeout": {"status": 408},
    "conflict": {"status": 409},
    "too_large": {"status": 413},
    "rate_limit": {"status": 429, "retry_after": 7},
    "rate_limit_now": {"status": 429, "retry_after": 0},
    "rate_limit_for_days": {"status": 429, "retry_after": 100_000},
    "rate_limit_until_a_date": {"status": 429, "retry_after": LONG_AGO},
    "rate_limit_of_unknown_length": {"status": 429},
    "server_error": {"status": 500},
    "unavailable": {"status": 503, "retry_after": 2},
    "gateway_timeout": {"status": 504},
}

ANTHROPIC: dict[str, Do] = {
    "overloaded": {"status": 529},
    "billing": {"status": 402},
    "quota": {
        "status": 400,
        "error": {
            "message": "Your credit balance is too low to access the Anthropic API. "
            "Please go to Plans & Billing to upgrade or purchase credits."
        },
    },
    "spend_limit": {
        "status": 429,
        "headers": {"x-should-retry": "false"},
        "error": {
            "message": "This request would exceed the spend limit that is set for your organization.",
            "details": {"error_code": "enforced_spend_limit_reached"},
        },
    },
    "context_length": {
        "status": 400,
        "error": {"message": "prompt is too long: 1000042 tokens > 1000000 maximum"},
    },
    "no_such_model": {"status": 404, "error": {"message": "model: claude-nobody-1"}},
}

OPENAI: dict[str, Do] = {
    "overloaded": {
        "status": 503,
        "error": {"message": "That model is currently overloaded with other requests.", "type": "server_error"},
    },
    "billing": {"status": 402},
    "quota": {
        "status": 429,
        "error": {
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        },
    },
    "spend_limit": {
        "status": 429,
        "headers": {"x-should-retry": "false"},
        "error": {
            "message": "Billing hard limit has been reached.",
            "type": "insufficient_quota",
            "code": "billing_hard_limit_reached",
        },
    },
    "context_length": {
        "status": 400,
        "error": {
            "message": "Your input exceeds the context window of this model. Please adjust your input and try again.",
            "type": "invalid_request_error",
            "code": "context_length_exceeded",
            "param": "messages",
        },
    },
    "no_such_model": {
        "status": 404,
        "error": {
            "message": "The model `gpt-nobody` does not exist or you do not have access to it.",
            "type": "invalid_request_error",
            "code": "model_not_found",
        },
    },
    "like_a_local_server": {"quirks": "local", "usage": "missing"},
}
OWN = {"anthropic": ANTHROPIC, "openai": OPENAI}
NAMES = frozenset((*ON_EVERY_WIRE, *ANTHROPIC, *OPENAI))


def do(name: str, provider: str) -> Do:
    """What stands for a fault with this provider. One that only the other has is no fault here."""
    return OWN[provider].get(name) or ON_EVERY_WIRE.get(name) or {}
