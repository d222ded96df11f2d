"""The pure rules of builds: names, documents, orders of stages, what may be told from where."""

from __future__ import annotations

import pytest
import yaml

from apps.builder import documents, names, stages, states
from apps.builder.errors import StageUnknown
from apps.sandbox import programs


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Release helper", "release_helper"), ("  C'est déjà l'été! ", "c_est_deja_l_ete"), ("发布助手", "agent"),
        ("2 fast", "agent_2_fast"), ("class", "class_"), ("../../etc/passwd", "etc_passwd"), ("x" * 90, "x" * 40),
    ],
)  # fmt: skip
def test_a_name_becomes_an_identifier(said, name):
    assert names.identifier(said, otherwise="agent") == name
    assert name.isidentifier()


def test_names_that_are_taken_are_told_apart():
    assert names.different("a", ["a", "a_2"]) == "a_3"
    assert len(names.of_tool("x" * 64, "agent-" + "0" * 26)) <= 64


def test_yaml_is_read_back_as_it_was_meant():
    told = {
        "agent": "no", "version": "1.0.0", "prompt": "Line one: yes\n\n  indented\n# no comment\n", "tags": ["on", "1"],
        "empty": [], "deep": {"number": 3, "text": "a\tb"}, "中文": "是",
    }  # fmt: skip
    assert yaml.safe_load(documents.as_yaml(told)) == told


def test_an_order_has_each_stage_once_and_nothing_before_what_it_builds_on():
    assert stages.checked(stages.DEFAULT_ORDER) == stages.DEFAULT_ORDER
    assert stages.checked(
        ["requirements_analyzer" if one == "requirements_analysis" else one for one in stages.DEFAULT_ORDER]
    )
    with pytest.raises(ValueError, match="each stage once"):
        stages.checked(stages.DEFAULT_ORDER[:-1])
    with pytest.raises(ValueError, match="builds on"):
        stages.checked(stages.DEFAULT_ORDER[::-1])
    with pytest.raises(StageUnknown):
        stages.checked(["nowhere"])


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("pause", {"building", "queued"}), ("resume", {"paused"}), ("stop", {"building", "queued", "paused"}),
        ("cancel", {"building", "queued", "paused"}), ("restart", {"completed", "failed", "cancelled", "paused"}),
    ],
)  # fmt: skip
def test_what_may_be_told_from_where(action, allowed):
    assert {status.value for status in states.ProjectStatus if states.may(action, status)} == allowed


def test_progress_is_the_share_of_completed_stages():
    assert [states.progress(done, 9) for done in (0, 5, 9)] == [0.0, 55.6, 100.0]
    assert states.progress(0, 0) == 0.0


@pytest.mark.parametrize(
    "description", ["defines `def run(data)`: a dict", "defines `def prepare(text)`; it returns the text"]
)
def test_the_sandbox_writes_the_program_whose_head_it_is_shown(description):
    source = programs.written(description, title='A "quoted" title\\')
    made: dict = {}
    exec(compile(source, "made", "exec"), made)  # noqa: S102 - our own sandbox wrote it
    if "run" in made:
        assert made["run"]({"text": "one 2"})["numbers"] == 1
    else:
        assert made["prepare"](" a  b ") == "a b"
    assert not programs.asked_for("a text about `def`")
