"""What the sandbox writes: it follows the request, in its language, and passes its own review."""

from __future__ import annotations

import pytest

from apps.sandbox.prose import assemble, language, plan, prompt, request, review, section, topics, triage, write

RELEASE = "Draft a release checklist for a Django service with Celery workers"
RELEASE_ZH = "为使用 Celery 的 Django 服务起草一份上线清单"
REQUESTS = [
    RELEASE,
    RELEASE_ZH,
    "Write a blog post about sourdough bread",
    "Compare Postgres and Redis for a job queue",
    "Fix the login bug in auth/views.py",
    "Plan my sister's birthday party: food, guests, music",
    "Describe our summer camp: food, tents, games, weather, safety and arrival",
    "Translate the user manual into French",
    "Prepare an agenda for the quarterly review meeting",
    "Analyse last month's sales data and show the trend",
    "Build a small web app that tracks plants",
    "Harden a Kubernetes cluster: network policies, secrets and images",
    "How should a REST API report errors?",
    "Hi team,\n\nwe need a test plan for the new checkout before Friday.",
    "hello",
    "?",
    "写一篇关于新产品的营销文案",
    "调研三种消息队列并给出建议",
    "整理一份项目周报",
    "修复用户登录时的报错",
    "准备一次复盘会议：议程、人员、纪要",
]


def asked(kind: str, about: str, **blocks: str) -> prompt.Prompt:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in blocks.items())
    return prompt.read(f'<task kind="{kind}">Do it.</task>\n<request>{about}</request>{inner}')


def titles(about: str) -> list[str]:
    return [part["title"] for part in plan.plan(asked("plan", about), language.of(about))["sections"]]


def test_a_plan_follows_the_request():
    assert titles(RELEASE) == [
        "Migrations and database",
        "Django settings and static files",
        "Celery workers and queues",
        "Rollback and verification",
    ]
    assert titles("Plan a garden: soil, plants and water") == ["Soil", "Plants", "Water"]
    assert "Redis memory and persistence" in titles("Compare Postgres and Redis for a job queue")
    assert "回滚与验证" in titles(RELEASE_ZH)


@pytest.mark.parametrize("about", REQUESTS)
def test_a_plan_has_three_to_six_different_sections(about):
    made = plan.plan(asked("plan", about), language.of(about))
    keys = [part["key"] for part in made["sections"]]
    assert 3 <= len(keys) <= 6
    assert len(set(keys)) == len(keys)
    assert len({part["title"] for part in made["sections"]}) == len(keys)
    assert made["acceptance"]
    assert "{" not in str(made["summary"])


@pytest.mark.parametrize("about", REQUESTS)
def test_what_is_written_passes_its_own_review(about):
    spoken = language.of(about)
    made = plan.plan(asked("plan", about), spoken)
    parts = []
    for part in made["sections"]:
        named = f'<section title="{part["title"]}">{part["focus"]}</section>'
        text = f'<task kind="section"></task><request>{about}</request>{named}'
        parts.append(f'<input title="{part["title"]}">{write.text(prompt.read(text), spoken)}</input>')
    whole = write.text(asked("assemble", about, inputs="".join(parts)), spoken)
    assert "{subject}" not in whole
    assert all(f"## {part['title']}" in whole for part in made["sections"])
    criteria = "\n".join(f"- {line}" for line in made["acceptance"])
    verdict = review.review(asked("review", about, draft=whole, criteria=criteria), spoken)
    assert verdict["verdict"] == "pass", verdict
    assert len(verdict["checks"]) == len(made["acceptance"]) + 1


@pytest.mark.parametrize("about", REQUESTS)
def test_no_line_is_said_twice(about):
    spoken = language.of(about)
    lines = write.text(asked("assemble", about), spoken).splitlines()
    items = [line.partition(" ")[2] for line in lines if line.startswith(("- [ ]", "- **", "1.", "2.", "3."))]
    items = [item for item in items if " — " in item and not any(f"**{t}** — " in item for t in titles(about))]
    assert len(items) == len(set(items)) > 5


@pytest.mark.parametrize("about", REQUESTS)
def test_english_is_answered_in_english_and_chinese_in_chinese(about):
    spoken = language.of(about)
    for kind in write.TEXTS:
        if kind != "review":
            text = write.text(asked(kind, about), spoken)
            assert language.of(text) == spoken, (kind, text[:200])


def test_a_section_quotes_the_words_that_it_is_about():
    named = '<section title="Celery workers and queues">workers</section>'
    text = section.section(prompt.read(f'<task kind="section"/><request>{RELEASE}</request>{named}'), "en")
    assert "Celery workers" in text.splitlines()[2]
    assert text.count("- [ ]") >= 5
    assert "Done when" in text


def test_a_section_leaves_its_title_to_whoever_asks_for_that():
    asked_so = '<task kind="section">Begin with its content, not with its title.</task>'
    text = section.section(
        prompt.read(f'{asked_so}<request>{RELEASE}</request><section title="Rollback and verification">x</section>'),
        "en",
    )
    assert not text.startswith("#")


def test_what_is_to_be_in_the_text_reaches_a_section():
    criteria = "- must contain: maintenance window\n- mentions “blue-green”"
    made = plan.plan(asked("plan", RELEASE, criteria=criteria), "en")
    focus = made["sections"][1]["focus"]
    named = f'<section title="{made["sections"][1]["title"]}">{focus}</section>'
    text = section.section(prompt.read(f'<task kind="section"/><request>{RELEASE}</request>{named}'), "en")
    assert "maintenance window" in text
    assert "blue-green" in text
    assert "must contain: maintenance window" in made["acceptance"]


@pytest.mark.parametrize(
    ("criterion", "draft", "ok"),
    [
        ("Mentions the rollback", "We roll back with one command: the rollback script.", True),
        ("Mentions the rollback", "We deploy with one command and hope for the best.", False),
        ("must contain: canary release", "A Canary\nrelease comes first of all.", True),
        ("must contain: canary release", "A release of the canary comes first.", False),
        ("must not contain: canary", "A release comes first of all.", True),
        ("must not contain: canary", "A canary comes first of all.", False),
        ("Does not mention prices", "It costs nothing at all, says the prices page.", False),
        ("At least three sections", "# A\n\ntext\n\n# B\n\ntext\n\n# C", True),
        ("At least three sections", "# A\n\ntext only", False),
        ("At least 2 steps", "1. one thing\n2. another thing", True),
        ("At most 5 words", "one two three four five six", False),
        ("No placeholder text", "TODO: write this part", False),
        ("Must run without errors.", "A text in which errors are run through one by one.", True),
        ("Reads well aloud", "Some text which may or may not.", True),
        ("必须包含：灰度发布", "先做灰度发布，再全量上线并观察。", True),
        ("必须包含：灰度发布", "直接全量上线，然后观察一小时。", False),
        ("不得包含：密码", "请把密码写在这里，谢谢大家。", False),
        ("至少三个章节", "# 一\n\n正文正文正文\n\n# 二", False),
    ],
)
def test_a_criterion_is_checked_against_the_draft(criterion, draft, ok):
    (check,) = review.checks_of(asked("review", "", draft=draft, criteria=f"- {criterion}"), "en")[1:]
    assert check.ok is ok, check


def test_a_draft_that_is_empty_or_about_something_else_fails():
    assert review.review(asked("review", RELEASE, draft=""), "en")["verdict"] == "fail"
    other = "A poem about the sea, and the wind that goes over it."
    assert review.review(asked("review", RELEASE, draft=other), "en")["verdict"] == "fail"


def test_a_revision_settles_what_the_review_found():
    draft = "# Release checklist\n\nDjango and Celery workers are released with the old password list.\n" * 3
    criteria = "- must contain: canary release\n- must not contain: password\n- mentions “smoke test”"
    feedback = "- The text must contain “feature flags” and does not.\n- The text must not contain “old” and does."
    revised = assemble.revise(asked("revise", RELEASE, draft=draft, criteria=criteria, feedback=feedback), "en")
    verdict = review.review(asked("review", RELEASE, draft=revised, criteria=criteria), "en")
    assert verdict["verdict"] == "pass", verdict
    assert "feature flags" in revised.lower()
    assert " old " not in revised


@pytest.mark.parametrize(
    ("about", "intent", "difficulty"),
    [
        (RELEASE, "documentation", "normal"),
        (RELEASE_ZH, "ops", "normal"),
        ("Fix the typo in README.md", "debug", "trivial"),
        ("Refactor the database migration of the billing service", "general_request", "complex"),
        ("Deploy the service to the new cluster tonight", "ops", "normal"),
        ("Implement a login form for the members' area", "build_feature", "normal"),
        ("Explain the prefix notation to a newcomer", "general_request", "normal"),
        ("Write a page for users who are not sure which plan to take", "general_request", "normal"),
        ("hi", "general_request", "unclear"),
        ("I'm not sure what I want", "general_request", "unclear"),
        ("你看着办", "general_request", "unclear"),
        ("翻译这句话", "general_request", "trivial"),
        ("whatever\n\nA one-page onboarding guide for new engineers", "documentation", "normal"),
    ],
)
def test_triage_says_what_and_how_hard(about, intent, difficulty):
    found = triage.triage(asked("triage", about), language.of(about))
    assert (found["intent"], found["difficulty"]) == (intent, difficulty)
    assert (found["clarification_question"] is not None) == (difficulty == "unclear")
    assert found["brief"]
    assert found["qa_requirements"]


def test_triage_names_the_files_of_the_request():
    found = triage.triage(asked("triage", "Fix apps/auth/views.py and settings.toml, e.g. for example.com"), "en")
    assert found["relevant_files"] == ["apps/auth/views.py", "settings.toml"]


@pytest.mark.parametrize(
    ("about", "subject"),
    [
        (RELEASE, "Release checklist for a Django service with Celery workers"),
        ("Please write me a short report on tides.", "Short report on tides"),
        ("Could you please prepare an agenda for Monday?", "Agenda for Monday"),
        ("Fix the login bug", "Fix the login bug"),
        ("Hi team,\n\nwe need a test plan for checkout.", "Test plan for checkout"),
        (RELEASE_ZH, "使用 Celery 的 Django 服务的上线清单"),
        ("请帮我写一份周报", "周报"),
        ("", "The request"),
    ],
)
def test_a_request_becomes_a_heading(about, subject):
    assert request.subject(about) == subject


def test_blocks_are_read_as_they_were_fenced():
    read = prompt.read(
        '<task kind="review">Judge it.</task><request>See &lt;draft> and a < b &amp; c</request>'
        "<draft>One <b>bold</b> draft</draft><criteria>\n- first\n2. second\n* third\n</criteria>"
        '<inputs><input title="A &amp; B">text <section>kept</section></input></inputs>'
    )
    assert read.kind == "review"
    assert read.instruction == "Judge it."
    assert read.request == "See <draft> and a < b &amp; c"
    assert read.draft == "One <b>bold</b> draft"
    assert read.criteria == ("first", "second", "third")
    assert read.inputs == (prompt.Piece(title="A & B", text="text <section>kept</section>"),)


def test_what_is_not_marked_is_the_request():
    assert prompt.read("Just a question?").request == "Just a question?"
    assert prompt.read("Just a question?").kind == "chat"


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_the_knowledge_base_is_whole(spoken):
    facets = [facet for topic in topics.base(spoken) for facet in topic.facets]
    assert {facet.key for facet in facets} == {f.key for topic in topics.base("en") for f in topic.facets}
    assert len({facet.title for facet in facets}) == len(facets)
    for facet in facets:
        assert len(facet.items) >= 3, facet.key
        assert all(lead and why for lead, why in facet.items), facet.key
        assert facet.pitfalls, facet.key
        assert facet.done, facet.key
        assert facet.focus, facet.key
