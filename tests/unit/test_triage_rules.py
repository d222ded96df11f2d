"""Triage by rule: what is a bug, what only sounds like one, in both languages."""

from __future__ import annotations

import time

import pytest

from workorders import rules


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("Fix the login bug", "debug"),
        ("The worker prints an error at start", "debug"),
        ("Debugging session for the parser please", "debug"),
        ("登录页面报错，请修复", "debug"),
        ("Deploy the API to staging", "ops"),
        ("Write a Docker image for the worker", "ops"),
        ("Update docker-compose.yml for the new queue", "ops"),
        ("把新版本部署到测试环境", "ops"),
        ("明天上线这个版本", "ops"),
        ("Update the README with the new commands", "documentation"),
        ("Document the public API", "documentation"),
        ("Write a design document about caching", "documentation"),
        ("写一份安装文档给新人", "documentation"),
        ("Build a CSV importer", "build_feature"),
        ("Implement pagination for the list", "build_feature"),
        ("新增一个导出按钮", "build_feature"),
        ("Draft a release checklist for a Django service with Celery workers", "general_request"),
        ("帮我想三个产品名字和口号", "general_request"),
    ],
)
def test_the_first_intent_that_is_spoken_of_wins(message, intent):
    assert rules.intent_of(message) == intent


@pytest.mark.parametrize(
    "message",
    [
        "Add a prefix to every table name",  # prefix is not fix
        "Rewrite the suffix array chapter",
        "Sort the fixtures by name",
        "Compare terrorism studies of the last decade",  # holds "error"
        "List the best debutants of the season",
        "Rename errors.py and keep its tests",  # a file is not an error
        "Choose a bug tracker for the team",
        "Add error handling to the importer",
        "Pick a hat for the doctor in the story",  # doctor is not doc
        "Compare three dockets of the court",  # docket is not docker
        "Describe how opsin works in the eye",  # opsin is not ops
        "Parse report.doc into a table",
        "Compare document databases for our catalogue",
        "Rebuilding trust after an outage: an essay",
        "Say why the build is slow",
    ],
)
def test_a_word_inside_another_is_not_that_word(message):
    assert rules.intent_of(message) == "general_request"


@pytest.mark.parametrize(
    "message",
    [
        "其实现在就可以发邮件了",  # 其实 | 现在
        "总结一下以上线程的区别",  # 以上 | 线程
        "请把全部署名改成公司名",  # 全部 | 署名
        "昨天的小说明天继续写",  # 小说 | 明天
        "整理维修复杂设备的要点",  # 维修 | 复杂
        "事实现状与预期的对比",  # 事实 | 现状
    ],
)
def test_a_chinese_term_across_two_words_is_no_term(message):
    assert rules.intent_of(message) == "general_request"


@pytest.mark.parametrize(
    ("message", "difficulty"),
    [
        ("hi", "unclear"),
        ("fix it", "unclear"),
        ("        \n\t   ", "unclear"),
        ("????????????", "unclear"),
        ("👍👍👍👍👍👍", "unclear"),
        ("写诗", "unclear"),
        ("I'm not sure what I want here", "unclear"),
        ("Make something nice, whatever you like", "unclear"),
        ("不知道要做什么，先开始吧", "unclear"),
        ("随便写点东西", "unclear"),
        ("关于这个项目，你看着办", "unclear"),
        ("Fix a typo in the footer", "trivial"),
        ("翻译这句话成英文", "trivial"),
        ("Please format the changelog", "trivial"),
        ("给首页标题润色", "trivial"),
        ("Plan the migration of our database to Postgres", "complex"),
        ("Refactor the cache for performance", "complex"),
        ("重构数据库访问层", "complex"),
        ("x " * 460, "complex"),
        ("Draft a release checklist for a Django service with Celery workers", "normal"),
        ("修复登录报错", "normal"),
        ("Document the public API", "normal"),
    ],
)
def test_difficulty(message, difficulty):
    assert rules.difficulty_of(message) == difficulty


@pytest.mark.parametrize(
    ("message", "difficulty"),
    [
        ("Write help for users who are not sure how to install", "normal"),
        ("Whatever input arrives must be escaped", "normal"),
        ("The error message is unclear, rewrite it", "normal"),
        ("I'm not sure why the worker stops; find the cause", "normal"),
        ("不知道为什么登录报错，请修复", "normal"),
        ("提醒用户不要随便点击链接", "normal"),
        ("用户不知道密码时显示找回入口", "normal"),
        ("Collect information about the platform", "normal"),  # information, platform: no "format"
        ("Return the list in JSON format", "normal"),
        ("Make the smaller plan the default plan", "normal"),
        ("Tune quicksort for sorted input", "normal"),
        ("Use Postgres, that is PostgreSQL", "normal"),  # one thing spelt twice is one
        ("说明性能测试的步骤", "normal"),
        ("Fix the typo " + "in this text " * 12, "normal"),  # too long to be trivial
    ],
)
def test_what_only_sounds_unclear_trivial_or_complex_is_normal(message, difficulty):
    assert rules.difficulty_of(message) == difficulty


@pytest.mark.parametrize(
    ("message", "equipment"),
    [
        ("health check", "health_check"),
        ("Please run a health check", "health_check"),
        ("请做一次健康检查", "health_check"),
        ("rotate the logs", "log_rotate"),
        ("日志轮转", "log_rotate"),
        ("Back up the database", "backup"),
        ("备份数据库", "backup"),
        ("Give me the cost report", "cost_report"),
        ("生成本周的成本报告", "cost_report"),
        ("run a health check", "health_check"),
        ("Run a health check of the system, please.", "health_check"),
        ("Back up the database now!", "backup"),
        ("Show me the cost report for the last 30 days", "cost_report"),
        ("Health check endpoint returns 500, fix it", None),
        ("Cost report for the new kitchen", None),
        ("Run a health check and then deploy", None),
        ("backup script for Postgres", None),
        ("健康检查接口返回 500", None),
        ("memory leak", None),
        ("token usage", None),
        ("Find the memory leak in the worker", None),
        ("Reduce the token usage of the planner", None),
        ("Implement a health check endpoint", None),
        ("Say what a good backup strategy is", None),
        ("Write about the status of women in science", None),
        ("实现备份功能", None),
    ],
)
def test_machine_work_is_done_only_when_ordered(message, equipment):
    assert rules.equipment_for(message) == equipment


@pytest.mark.parametrize(
    ("message", "files"),
    [
        (
            "Fix config/settings/base.py and README.md, then base.py",
            ("config/settings/base.py", "README.md", "base.py"),
        ),
        ("Fix app.py. Then run app.py again.", ("app.py",)),
        ("修改settings.py里的配置", ("settings.py",)),
        ("See https://example.com/a/page.html or write to me@site.org", ()),
        ("Use Node.js, e.g. version 3.11 or 22.04", ()),
        ("Nothing here ... at all", ()),
        (" ".join(f"f{n}.txt" for n in range(20)), tuple(f"f{n}.txt" for n in range(10))),
    ],
)
def test_files_are_found_once_each_in_order(message, files):
    assert rules.files_in(message) == files


def test_files_are_found_in_linear_time():
    hostile = ["a" * 50_000, "a." * 25_000, "a/" * 25_000 + "!", ("a" * 100 + "/") * 495]

    started = time.process_time()
    for message in hostile:
        rules.judge(message)

    assert time.process_time() - started < 2


def test_owner_follows_difficulty():
    owners = {difficulty: rules.owner_of(difficulty) for difficulty in ("trivial", "normal", "complex", "unclear")}
    assert owners == {"trivial": "intern", "normal": "director", "complex": "ceo", "unclear": "admin"}


@pytest.mark.parametrize("author", ["intern", "director", "ceo", "admin"])
def test_nobody_reviews_their_own_work(author):
    assert rules.reviewer_of(author) != author


def test_work_climbs_and_stays_at_the_top():
    assert [rules.above(role) for role in ("intern", "director", "ceo")] == ["director", "ceo", "ceo"]


def test_requirements_speak_the_language_of_the_request():
    assert rules.judge("Fix the login bug").qa_requirements[0] == "Says how to reproduce the fault."
    assert rules.judge("修复登录页面的报错").qa_requirements[0] == "说明如何复现故障。"
    assert rules.judge("Compare three message brokers").qa_requirements == ("Must run without errors.",)


def test_only_an_unclear_request_is_asked_back_in_its_language():
    assert "期望的产出" in rules.judge("随便写点东西").clarification_question
    assert "What should come out" in rules.judge("hm").clarification_question
    assert rules.judge("Compare three message brokers").clarification_question == ""


def test_a_long_request_keeps_its_head_and_its_tail():
    brief = rules.compress("start " + "word " * 2000 + "end")

    assert len(brief) <= rules.BRIEF_AT_MOST
    assert brief.startswith("start")
    assert brief.endswith("end")
    assert "[truncated]" in brief


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Draft a release checklist. Then stop.", "Release checklist"),
        ("Please write me the summary of it", "Summary of it"),
        ("Write code", "Write code"),
        ("# Draft a launch plan!\nWith details", "Launch plan"),
        ("帮我写一份发布清单。然后停止。", "发布清单"),
        ("写诗", "写诗"),
        ("Compare Node.js and Go", "Compare Node.js and Go"),
        ("word " * 30, "word word word word word word word word word word word word word word word…"),
    ],
)
def test_the_title_is_the_first_sentence(message, title):
    assert rules.title_of(message) == title
