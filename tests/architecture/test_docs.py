"""The pages are true: links lead somewhere, lists are complete, both READMEs say the same."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

import pytest

from apps.terminal import exits
from apps.terminal.arguments import _parser
from tests.architecture import tree
from workorders.audit.catalog import WORDS

PAGES = sorted([*tree.ROOT.glob("*.md"), *(tree.ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
ROW = re.compile(r"^\| ((?:`[^`|]+`(?:, )?)+) \|", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (tree.ROOT / name).read_text(encoding="utf-8")


def listed(name: str) -> set[str]:
    """Every `word` in the first column of the page's tables."""
    return {word for row in ROW.findall(page(name)) for word in re.findall(r"`([^`]+)`", row)}


def constants(*names: str) -> set[str]:
    """Every string that a class of the product assigns to one of `names`."""
    return {
        node.value.value
        for path in tree.product()
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id in names and isinstance(node.value.value, str)
    }


@pytest.mark.parametrize("path", PAGES, ids=tree.name)
def test_every_link_leads_somewhere(path):
    assert [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()] == []


def test_every_page_can_be_reached_from_the_index():
    seen, ahead = set(), [tree.ROOT / "docs/index.md"]
    while ahead:
        path = ahead.pop().resolve()
        if path not in seen and path.suffix == ".md":
            seen.add(path)
            ahead += [path.parent / link for link in LINK.findall(path.read_text(encoding="utf-8"))]
    assert sorted(tree.name(path) for path in (tree.ROOT / "docs").rglob("*.md") if path.resolve() not in seen) == []


def test_both_readmes_say_the_same():
    english, chinese = page("README.md"), page("README.zh-Hans.md")
    for shape in (r"^#+ ", r"^\|", r"^- ", r"^```"):
        assert len(re.findall(shape, english, re.MULTILINE)) == len(re.findall(shape, chinese, re.MULTILINE)), shape
    commands = [body for kind, body in FENCE.findall(english) if kind == "sh"]
    assert commands == [body for kind, body in FENCE.findall(chinese) if kind == "sh"]
    assert set(LINK.findall(english)) - {"README.zh-Hans.md"} == set(LINK.findall(chinese)) - {"README.md"} | {
        "LICENSE"
    }


def test_every_setting_has_a_row():
    read = {
        node.args[0].value
        for path in sorted((tree.ROOT / "config").rglob("*.py"))
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.Call) and tree.dotted(node.func).startswith("env.")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    outside = {"DJANGO_SETTINGS_MODULE", "NEXUS_HOME", "NEXUS_URL", "NEXUS_API_KEY", "NO_COLOR"}  # not Django's
    assert listed("docs/reference/settings.md") == read | outside


def test_every_command_and_option_has_a_row():
    commands = _commands()
    assert {row.split()[1] for row in listed("docs/reference/cli.md") if row.startswith("bin/nexus ")} == set(commands)
    options = {
        option
        for parser in commands.values()
        for action in parser._actions
        if action.help != argparse.SUPPRESS and action.dest != "help"
        for option in action.option_strings
    }
    assert {row for row in listed("docs/reference/cli.md") if row.startswith("-")} == options


@pytest.mark.parametrize("path", PAGES, ids=tree.name)
def test_every_command_of_the_pages_exists(path):
    written = set(re.findall(r"bin/nexus ([a-z]+)", path.read_text(encoding="utf-8")))
    assert written - set(_commands()) == set()


def _commands() -> dict[str, argparse.ArgumentParser]:
    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(commands.choices)


def test_every_exit_code_has_a_row():
    codes = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    rows = re.findall(r"^\| (\d+) \|", page("docs/reference/exit-codes.md"), re.MULTILINE)
    assert {int(row) for row in rows} == codes


def test_every_kind_of_event_has_a_row():
    kinds = {
        node.value
        for path in [tree.ROOT / "nexus/events/catalog.py", tree.ROOT / "apps/workflows/telemetry.py", *_domains()]
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(
            r"(?!session\.turn)(run|task|approval|effect|tool|agent|order|budget|call|session|workflow)\.[a-z_]+",
            node.value,
        )
    }
    assert listed("docs/reference/events.md") == kinds


def _domains() -> list[Path]:
    return [
        path for domain in ("agents", "billing", "workorders") for path in sorted((tree.ROOT / domain).rglob("*.py"))
        if "audit" not in path.parts  # its actions have a page of their own
    ]  # fmt: skip


def test_every_action_of_the_audit_log_has_a_row():
    assert listed("docs/reference/audit.md") == set(WORDS)


def test_every_error_code_has_a_row():
    answered = {
        node.value.value
        for path in tree.product()
        if not tree.name(path).startswith("apps/sandbox/")  # its codes are the providers'
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.keyword) and node.arg == "code"
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    assert (constants("code", "default_code") | answered) - listed("docs/reference/errors.md") == set()


def test_no_error_code_is_made_up():
    said = {
        node.value
        for path in tree.product()
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    frameworks = {"not_authenticated", "authentication_failed", "method_not_allowed", "unsupported_media_type"}
    assert listed("docs/reference/errors.md") - said - frameworks == set()


def test_every_dependency_has_its_line():
    pinned = {
        re.match(r"[\w-]+", line)[0].lower()
        for path in sorted((tree.ROOT / "requirements").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\w", line)
    }
    lines = re.findall(r"^\| ([\w-]+) \|", page("docs/decisions/dependencies.md"), re.MULTILINE)
    assert {name.lower() for name in lines} - {"package"} == pinned


def test_every_dependency_is_pinned():
    loose = [
        f"{tree.name(path)}: {line}"
        for path in sorted((tree.ROOT / "requirements").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\w", line) and "==" not in line
    ]
    assert loose == []
