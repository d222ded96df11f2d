"""Which language a request is in, and how much it says."""

from __future__ import annotations

import pytest

from workorders.instructions import answer_in
from workorders.language import language_of, weight


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Draft a plan", "en"),
        ("起草一份计划", "zh-Hans"),
        ("修复 settings.py 里的 CELERY_TASK_ALWAYS_EAGER 报错", "zh-Hans"),
        ("Translate 你好 into English, please", "en"),
        ("計画を立ててください", "en"),  # Japanese is not Chinese
        ("12345 ???", "en"),
        ("", "en"),
    ],
)
def test_language_is_the_one_that_carries_the_text(text, language):
    assert language_of(text) == language


def test_a_chinese_character_weighs_two():
    assert weight("修复登录报错") == 12
    assert weight("  fix \n it ") == len("fix it")


def test_the_prompt_names_the_language():
    assert "Simplified Chinese" in answer_in("zh-Hans")
    assert "English" in answer_in("en")
