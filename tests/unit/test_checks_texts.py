"""What a text alone can show, check by check: a good one, a bad one, and what must not be taken for bad."""

from __future__ import annotations

import pytest

from agents.checks import kinds
from agents.checks.result import Material, Report, Result
from agents.checks.words import SAYS, say

KEY = "sk-ant-" + "a1b2c3d4e5f6" * 3


def ruling(check, text, **given):
    return kinds.KINDS[check["kind"]].decide(kinds.read(check), Material(text=text, **given)).ruling


def reason(check, text, **given):
    (said,) = kinds.KINDS[check["kind"]].decide(kinds.read(check), Material(text=text, **given)).reasons
    return said


@pytest.mark.parametrize(
    ("check", "text", "expected"),
    [
        ({"kind": "required", "text": "roll back"}, "Say how to ROLL\n  BACK.", "pass"),
        ({"kind": "required", "text": "rollback"}, "Nothing here.", "fail"),
        ({"kind": "forbidden", "text": "TODO"}, "All done.", "pass"),
        ({"kind": "forbidden", "text": "TODO"}, "todo: later", "fail"),
        ({"kind": "length", "unit": "words", "at_least": 3}, "one two three", "pass"),
        ({"kind": "length", "unit": "words", "at_least": 4}, "one two three", "fail"),
        ({"kind": "length", "unit": "words", "at_least": 4}, "健康检查", "pass"),
        ({"kind": "length", "unit": "characters", "at_most": 5}, " abcde ", "pass"),
        ({"kind": "length", "unit": "characters", "at_most": 5}, "abcdef", "fail"),
        ({"kind": "language", "language": "en"}, "This is written in plain English.", "pass"),
        ({"kind": "language", "language": "en"}, "这是一份用中文写成的发布检查清单。", "fail"),
        ({"kind": "language", "language": "zh-Hans"}, "这是一份用 Celery 的发布检查清单。", "pass"),
        ({"kind": "language", "language": "zh-Hans"}, "これは日本語の文章です。確認してください。", "fail"),
        ({"kind": "language", "language": "zh-Hans"}, "This is written in plain English.", "fail"),
        ({"kind": "language", "language": "en"}, "说明\n```\nfrom django.db import models\n```", "inconclusive"),
        ({"kind": "json"}, '{"a": 1}', "pass"),
        ({"kind": "json"}, "Here it is:\n```json\n[1]\n```", "pass"),
        ({"kind": "json"}, "no JSON", "fail"),
        ({"kind": "json", "required_keys": ["a"]}, '{"a": null}', "pass"),
        ({"kind": "json", "required_keys": ["b"]}, '{"a": 1}', "fail"),
        ({"kind": "json", "required_keys": ["b"]}, "[1]", "fail"),
        ({"kind": "json", "required_paths": ["a.b.0.c"]}, '{"a": {"b": [{"c": 1}]}}', "pass"),
        ({"kind": "json", "required_paths": ["a.b.1"]}, '{"a": {"b": [1]}}', "fail"),
        ({"kind": "json", "required_paths": ["a.b"]}, '{"a": 1}', "fail"),
        ({"kind": "json"}, "[" * 100_000, "fail"),
    ],
)  # fmt: skip
def test_a_text_is_read_as_it_is_meant(check, text, expected):
    assert ruling(check, text) == expected


@pytest.mark.parametrize(
    "line",
    [
        'DB_PASSWORD = "correct-horse-9"',
        "export DB_PASSWORD=correct-horse-9",
        "postgres://nexus:correct-horse@db:5432/nexus",
        f"key: {KEY}",
        "api_key='f3b1c9d8e7a6'",
        "AKIAABCDEFGHIJKLMNOP",
        "Authorization: Bearer abcdefghijklmnopqrst1234",
        "CLIENT_SECRET=9f8e7d6c5b4a",
        "-----BEGIN RSA PRIVATE KEY-----",
        "x" * 5_000 + " password='correct-horse-9'",
    ],
)
def test_a_secret_is_seen_and_not_repeated(line):
    said = reason({"kind": "secrets"}, f"First line\n{line}\n")
    assert "(line 2)" in said
    assert "correct-horse" not in said
    assert KEY not in said


@pytest.mark.parametrize(
    "line",
    [
        "Rotate every password, API key and bearer token before the release.",
        'password = form.cleaned_data["password"]',
        'password = "<your password>"',
        "API_KEY=${API_KEY}",
        "postgres://nexus:<password>@db/nexus",
        "token = os.environ['TOKEN']",
        'secret: "********"',
        "Authorization: Bearer <token>",
        "mail the team at ops@acme.io from 8.8.8.8",
    ],
)
def test_speaking_of_secrets_is_none(line):
    assert ruling({"kind": "secrets"}, line) == "pass"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("write to li@acme.io", "fail"),
        ("write to li@example.com", "pass"),
        ("it listens on 8.8.8.8", "fail"),
        ("it listens on 127.0.0.1, version 1.2.3.4.5 or 999.1.1.1", "pass"),
    ],
)
def test_addresses_count_where_they_are_forbidden(line, expected):
    assert ruling({"kind": "secrets", "forbid": ["email", "ip_address"]}, line) == expected


@pytest.mark.parametrize(
    ("forbid", "line", "expected"),
    [
        (["marks"], "TODO: fill in the dates", "fail"),
        (["marks"], "Owner: [TBD]", "fail"),
        (["marks"], "SECRET=CHANGEME", "fail"),
        (["marks"], "负责人：待补充", "fail"),
        (["marks"], "Search the code for TODO comments and remove them.", "pass"),
        (["angles"], "Deploy <service name> first", "fail"),
        (["angles"], "Use <br> and </div> and <https://acme.io>", "pass"),
        (["braces"], "Dear {{ name }},", "fail"),
        (["braces"], "a set {1, 2}", "pass"),
        (["marks"], "Dear {{ name }} of <service>", "pass"),
    ],
)
def test_what_was_to_be_filled_in_later_is_seen(forbid, line, expected):
    assert ruling({"kind": "placeholders", "forbid": forbid}, f"Text\n{line}") == expected


REQUEST = "Draft a release checklist for a Django service with Celery workers"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# A title\n\n---\n", "empty"),
        (f"# Checklist\n\n{REQUEST}.\n\n## Part\n\n{REQUEST.upper()}\n", "repeats"),
        ("# Checklist\n\nI have completed the task. All tests pass. Everything is done!", "does not show"),
        ("All tasks are done. Everything passes, it all works.", "does not show"),
        ("任务已全部完成。所有测试已通过。", "does not show"),
    ],
)
def test_a_text_that_delivers_nothing_is_seen(text, says):
    assert says in reason({"kind": "substance"}, text, request=REQUEST)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Freeze the branch, then drain the Celery workers and migrate.", REQUEST),
        ("All backups are done by cron at night. Drain the workers first; then restart Gunicorn.", REQUEST),
        ("Bonjour tout le monde", "Hello"),
        ("The queue works by leases, renewed every few seconds.", REQUEST),
        ("# Report\n\nThe queue is drained: 14 tasks were left, each of them listed below.", REQUEST),
    ],
)
def test_a_text_that_says_something_passes(text, request_):
    assert ruling({"kind": "substance"}, text, request=request_) == "pass"


def test_what_its_author_did_not_write_does_not_count_for_it():
    text = "# Release checklist\n\nA plan in three parts.\n\n## Before\n\nDone.\n"
    given = ("Release checklist", "A plan in three parts.", "Before")
    assert ruling({"kind": "substance"}, text) == "pass"
    assert ruling({"kind": "substance"}, text, given=given) == "fail"


def test_reasons_are_in_the_language_of_the_request_and_never_formatted():
    assert reason({"kind": "forbidden", "text": "待定"}, "待定", spoken="zh-Hans") == "文本不得包含“待定”，但包含了。"
    assert "{0.__class__}" in reason({"kind": "required", "text": "{0.__class__}"}, "")
    assert say("no_path", "en", "{1}") == "The JSON has no {1}."


def test_every_sentence_is_there_in_both_languages():
    assert [key for key, said in SAYS.items() if set(said) != {"en", "zh-Hans"} or not all(said.values())] == []


def test_a_report_is_as_good_as_its_worst_result():
    well, bad, unsure = (
        Result(ruling="pass"),
        Result(ruling="fail", reasons=("a", "b")),
        Result(ruling="inconclusive", reasons=("b", "c")),
    )
    assert Report().ruling == "inconclusive"
    assert Report(results=(well,)).ruling == "pass"
    assert Report(results=(well, unsure)).ruling == "inconclusive"
    assert Report(results=(unsure, bad)).ruling == "fail"
    assert Report(results=(well, bad, unsure)).reasons == ("a", "b", "c")
    assert Report(results=(bad,)).as_json() == [{"kind": "", "ruling": "fail", "reasons": ["a", "b"]}]
