"""The sandbox as a process of its own: one line on stdout, a quiet end, nothing of Django."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anthropic
import pytest

from apps.sandbox.remote import Remote
from tests.support.rivals import wait_for

ROOT = Path(__file__).parents[2]


@contextmanager
def started(*options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], Remote]]:
    argv = [sys.executable, "-m", "apps.sandbox", "--port", "0", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, cwd=ROOT, env=os.environ | environment) as process:
        try:
            assert process.stdout is not None
            yield process, Remote(json.loads(process.stdout.readline())["url"])
        finally:
            process.kill()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told(by):
    with started() as (process, box):
        assert box.url.startswith("http://127.0.0.1:")
        assert box.is_up()
        process.send_signal(by)
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert not box.is_up()


def test_it_ends_at_once_although_an_answer_is_under_way():
    with started("--latency-ms", "60000") as (process, box):
        impatient = anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0, timeout=0.2)
        asked = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}]}
        with impatient as client, pytest.raises(anthropic.APITimeoutError):
            client.messages.create(**asked)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_pace_and_journal_come_from_flags_or_from_the_environment(tmp_path):
    file = tmp_path / "journal.jsonl"
    with started("--journal", str(file), NEXUS_SANDBOX_LATENCY_MS="12", NEXUS_SANDBOX_CHUNK_MS="0") as (_, box):
        assert box._ask("GET", "/settings") == {"latency_ms": 12.0, "chunk_ms": 0.0}
        with anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0) as client:
            client.models.list()
            line = wait_for(file.read_text, what="its line, which may be written after the answer")
        assert json.loads(line)["path"] == "/v1/models"


def test_a_port_that_is_taken_is_said_so():
    with started() as (_, box):
        port = box.url.rsplit(":", 1)[1]
        argv = [sys.executable, "-m", "apps.sandbox", "--port", port]
        second = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr


def test_it_loads_no_framework():
    code = "import sys, apps.sandbox.__main__; print(*sys.modules)"
    argv = [sys.executable, "-c", code]
    found = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=30, check=True)
    assert {"django", "celery", "redis", "nexus", "anthropic"} & set(found.stdout.split()) == set()
