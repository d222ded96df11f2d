"""What needs a process of its own: time that ends, code that has nothing, and a kernel that cannot give that."""

from __future__ import annotations

import os
import resource
import time

import pytest

from agents.checks import child, code, inside, kinds
from agents.checks.result import Material

SLOW = "(a+)+$"
HANGS = "a" * 64 + "b"


def result(check, text, **given):
    return kinds.KINDS[check["kind"]].decide(kinds.read(check), Material(text=text, **given))


def block(source: str) -> str:
    return f"Look:\n\n```python\n{source}\n```\n"


@pytest.mark.parametrize(
    ("check", "text", "expected"),
    [
        ({"kind": "regex", "pattern": r"^## Rollback$", "flags": "m"}, "a\n## Rollback\nb", "pass"),
        ({"kind": "regex", "pattern": r"rollback"}, "ROLLBACK", "fail"),
        ({"kind": "regex", "pattern": r"roll.back", "flags": "is"}, "ROLL\nBACK", "pass"),
        ({"kind": "regex", "pattern": r"\d{16}", "must": "not_match"}, "1234567812345678", "fail"),
        ({"kind": "regex", "pattern": r"\d{16}", "must": "not_match"}, "12", "pass"),
    ],
)
def test_a_pattern_is_found_or_not(check, text, expected):
    assert result(check, text).ruling == expected


def test_a_pattern_that_takes_for_ever_is_stopped_and_passes_nothing():
    begun = time.monotonic()
    found = result({"kind": "regex", "pattern": SLOW, "must": "not_match", "within": 0.2}, HANGS)
    assert found.ruling == "inconclusive"
    assert "0.2 s" in found.reasons[0]
    assert time.monotonic() - begun < 0.2 + child.GRACE + 1


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize(("text", "expected"), [('{"n": 1}', "pass"), ('{"n": "1"}', "fail"), ("none", "fail")])
def test_json_fits_its_schema_or_not(text, expected):
    assert result({"kind": "json_schema", "schema": SCHEMA}, text).ruling == expected


def test_a_schema_that_takes_for_ever_or_leads_nowhere_passes_nothing():
    slow = {"kind": "json_schema", "schema": {"type": "string", "pattern": SLOW}, "within": 0.5}
    assert result(slow, f'"{HANGS}"').ruling == "inconclusive"
    nowhere = result({"kind": "json_schema", "schema": {"$ref": "#/$defs/none"}}, "{}")
    assert nowhere.ruling == "inconclusive"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print(1)", "pass"),
        ("def f(:\n    pass", "fail"),
        (">>> a session\nis not parsed", "pass"),
        ("import nothing_of_the_kind", "pass"),
    ],
)
def test_python_parses_or_not(source, expected):
    assert result({"kind": "parses"}, block(source)).ruling == expected


def test_a_text_without_python_parses_and_cannot_be_run():
    assert result({"kind": "parses"}, "prose").ruling == "pass"
    assert result({"kind": "runs"}, "prose").ruling == "fail"
    assert result({"kind": "runs", "if_any": True}, "prose").ruling == "pass"


@pytest.mark.parametrize(
    ("source", "ruling", "says"),
    [
        ("import json, sqlite3, asyncio\nasyncio.run(asyncio.sleep(0))", "pass", ""),
        ("import threading\nt = threading.Thread(target=print)\nt.start(); t.join()", "pass", ""),
        ("open('a.txt', 'w').write('x'); assert open('a.txt').read() == 'x'", "pass", ""),
        ("if __name__ == '__main__':\n    raise SystemExit(3)", "fail", "exit code 3"),
        ("assert 1 == 2, 'sums are wrong'", "fail", "sums are wrong"),
        ("import acme_images", "inconclusive", "acme_images"),
        ("while True: pass", "fail", "did not end"),
        ("print('x' * 10**6)", "fail", "printed more"),
        ("x = [0] * 10**10", "fail", "MemoryError"),
        ("open('a.txt', 'w').write('x' * 10**8)", "fail", "too large"),
    ],
)
def test_a_block_runs_within_its_limits_or_says_why_not(source, ruling, says):
    found = result({"kind": "runs", "within": 1}, block(source))
    assert found.ruling == ruling
    assert says in "".join(found.reasons)


@pytest.mark.parametrize(
    "source",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}))",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import os; open('/proc/%d/environ' % os.getppid()).read()",
        "open({file!r}).read()",
        "import os; os.listdir('/')",
        "open('/tmp/nexus-was-here', 'w')",
        "import os; os.fork()",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "import os; os.kill(os.getppid(), 0)",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "import ctypes; l = ctypes.CDLL(None); assert l.unshare(0x10000000) == 0",
    ],
)
def test_a_block_reaches_nothing_outside_its_folder(source, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("top")
    said = source.replace("{file!r}", repr(str(secret))).replace("{port}", "9")
    found = result({"kind": "runs", "within": 2}, block(said))
    assert found.ruling == "fail", found
    assert "top" not in "".join(found.reasons)


def test_a_block_has_no_environment_of_ours(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret")
    ran = child.work("run", within=2, text="import os; print(sorted(os.environ), os.listdir('.'))")
    assert ran.out == "['HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ'] []\n"


def test_one_of_the_blocks_prints_what_is_asked_for():
    text = block("print('one')") + block("print('two')")
    assert result({"kind": "runs", "prints": "two"}, text).ruling == "pass"
    assert result({"kind": "runs", "prints": "three"}, text).ruling == "fail"


def test_more_blocks_than_are_run_are_inconclusive():
    assert result({"kind": "parses"}, block("1") * (code.MOST_BLOCKS + 1)).ruling == "inconclusive"


def test_a_child_that_closes_its_output_and_goes_on_is_stopped():
    ran = child.work("run", within=0.3, text="import os, time\nos.close(1); os.close(2)\ntime.sleep(60)")
    assert ran.ended == "late"
    assert ran.answer() is None


def test_a_child_that_ignores_its_alarm_is_stopped_from_outside(monkeypatch):
    monkeypatch.setattr(child, "GRACE", 0.3)
    stubborn = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
    assert child.work("run", within=0.3, text=stubborn + "time.sleep(60)").ended == "late"
    closed = "import os\nos.close(1); os.close(2)\ntime.sleep(60)"
    assert child.work("run", within=0.3, text=stubborn + closed).ended == "late"


@pytest.mark.parametrize(("out", "code_"), [("no json\n", 0), ("[1]\n", 0), ("{}\n", 1)])
def test_what_is_no_answer_is_none(out, code_):
    assert child.Ran(ended="itself", code=code_, out=out, err="").answer() is None


def test_an_answer_that_nobody_got_is_inconclusive(monkeypatch):
    monkeypatch.setattr(code, "PARSE_WITHIN", 0.000_001)
    assert result({"kind": "parses"}, block("1")).ruling == "inconclusive"


# --- what the child does, on a kernel that does not give what it asks for ---------------------------


class Kernel:
    """Answers calls as told; remembers which."""

    def __init__(self, **answers):
        self.answers, self.called = answers, []

    def __getattr__(self, name):
        def call(*given):
            self.called.append((name, given[:1]))
            return self.answers.get(f"{name}_{given[0]}", self.answers.get(name, 0))

        return call


def isolated(monkeypatch, kernel, *, root=False, machine="x86_64"):
    monkeypatch.setattr(inside, "_libc", kernel)
    monkeypatch.setattr(inside.os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(inside.os, "close", lambda handle: None)
    monkeypatch.setattr(inside.platform, "machine", lambda: machine)
    monkeypatch.setattr(inside.resource, "setrlimit", lambda *given: None)
    inside.isolate(".")


@pytest.mark.parametrize(
    ("answers", "given", "says"),
    [
        ({"unshare": -1}, {"root": True}, "root"),
        ({"prctl_38": -1}, {}, "renounced"),
        ({"syscall_444": -1}, {}, "Landlock"),
        ({"syscall_444": 3, "syscall_446": -1}, {}, "rules"),
        ({"syscall_444": 3, "prctl_22": -1}, {}, "seccomp"),
        ({"syscall_444": 3}, {"machine": "riscv64"}, "riscv64"),
    ],
)
def test_code_is_not_run_where_the_kernel_cannot_keep_it_away(monkeypatch, answers, given, says):
    with pytest.raises(inside.CannotIsolate, match=says):
        isolated(monkeypatch, Kernel(**answers), **given)


def test_without_a_namespace_of_its_own_an_ordinary_user_still_gives_up_files_and_calls(monkeypatch):
    kernel = Kernel(unshare=-1, syscall_444=7)
    isolated(monkeypatch, kernel)
    assert [name for name, given in kernel.called if given == (inside.RESTRICT_SELF,)] == ["syscall"]
    assert ("prctl", (inside.SECCOMP,)) in kernel.called


def test_code_that_was_not_run_is_inconclusive():
    ran = child.Ran(ended="itself", code=inside.CANNOT_ISOLATE, out="", err="this kernel has no Landlock")
    found = code._judged(ran, 1, within=1, spoken="en")
    assert found.ruling == "inconclusive"
    assert "Landlock" in found.reasons[0]
    silent = child.Ran(ended="itself", code=-11, out="", err="")
    assert "exit code -11" in code._judged(silent, 1, within=1, spoken="en").reasons[0]
    theirs = child.Ran(ended="itself", code=1, out="", err="ModuleNotFoundError: No module named 'json.none'")
    assert code._judged(theirs, 1, within=1, spoken="en").ruling == "fail"


def steps(program: bytes):
    return [program[at : at + 8] for at in range(0, len(program), 8)]


@pytest.mark.parametrize("machine", sorted(inside.MACHINES))
def test_no_step_of_the_filter_jumps_past_its_end(machine):
    program = steps(inside.filter_for(machine))
    jumps = {at + 1 + max(step[2], step[3]) for at, step in enumerate(program) if step[0] in (0x15, 0x35, 0x45)}
    assert max(jumps) < len(program)
    assert program[-1][0] == 0x06


def test_the_work_of_a_child_by_itself():
    assert inside.match({"pattern": "a.b", "flags": "ims", "text": "x\nA\nB"}) == {"found": True}
    assert inside.parse({"text": "x ="})["wrong"] == "invalid syntax (line 1)"
    assert inside.parse({"text": "\0"})["wrong"]
    assert inside.parse({"text": "x = 1"}) == {"wrong": None}
    assert inside.fit({"schema": SCHEMA, "data": {"n": 1}}) == {"at": None}
    assert inside.fit({"schema": SCHEMA, "data": {}})["at"] == "$"


@pytest.mark.parametrize("takes_filters", [True, False])
def test_what_is_only_read_is_read_on_any_kernel(monkeypatch, capsys, takes_filters):
    monkeypatch.setattr(inside, "limit", lambda work: None)
    monkeypatch.setattr(inside, "_libc", Kernel(prctl_22=0 if takes_filters else -1))
    reading, writing = os.pipe()
    os.write(writing, b'{"do": "match", "pattern": "a", "flags": "", "text": "a"}')
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(inside.sys, "stdin", stdin)
        inside.main()
    assert capsys.readouterr().out == '{"found": true}\n'


def test_limits_are_set_and_the_alarm_with_them(monkeypatch):
    asked = {}
    monkeypatch.setattr(inside.resource, "setrlimit", lambda what, most: asked.update({what: most}))
    monkeypatch.setattr(inside.signal, "setitimer", lambda which, seconds: asked.update({"alarm": seconds}))
    inside.limit({"within": 2.5, "memory": 10, "file_size": 20})
    assert asked[resource.RLIMIT_CPU] == (3, 3)
    assert asked[resource.RLIMIT_AS] == (10, 10)
    assert asked[resource.RLIMIT_FSIZE] == (20, 20)
    assert asked["alarm"] == 2.5
