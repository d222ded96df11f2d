"""What is logged: one line, no secret, no flood."""

from __future__ import annotations

import logging
import sys

import pytest

from nexus.telemetry.log import LONGEST, Formatter, redact


@pytest.mark.parametrize(
    "secret",
    [
        "redis://:s3cretpassw0rd@127.0.0.1:6379/0",
        "postgres://nexus:s3cretpassw0rd@host/db",
        "Authorization: Bearer s3cretpassw0rd",
        "api_key=s3cretpassw0rd",
        '{"password": "s3cretpassw0rd"}',
        "sk-ant-s3cretpassw0rd-0123",
        "nx_01ABC_s3cretpassw0rd0123",
    ],
)
def test_secrets_are_removed(secret):
    assert "s3cretpassw0rd" not in redact(f"failed with {secret} today")
    assert redact(f"failed with {secret} today").endswith("today")


def test_ordinary_words_stay():
    said = "rang 3 tasks of run=12, tokens: 15, the token bucket is empty"
    assert redact(said) == said
    assert redact("Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C)").count("8000") == 1


def test_a_traceback_is_redacted_and_a_long_line_cut():
    try:
        raise ValueError("password=hunter2secret " + "x" * 100_000)
    except ValueError:
        record = logging.LogRecord("nexus", logging.ERROR, "f", 1, "it %s", ("broke",), sys.exc_info())
    line = Formatter().format(record)
    assert "hunter2secret" not in line
    assert len(line) <= LONGEST * 4 + 1
