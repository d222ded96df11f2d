"""POST /api/chat with a session: what was said before in it is part of what triage is told."""

from __future__ import annotations

import pytest

from tests.support.people import a_cast, order
from tests.support.runs import work
from tests.support.stories import models_answered
from workorders import conversation
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)

CHAT = "/api/chat"


def says(person, message: str, **given):
    answer = person.post(CHAT, {"message": message, **given})
    assert answer.status_code == 201, answer.content
    return order(answer.json()["work_order_id"])


def test_the_last_eight_turns_of_a_conversation_are_told_oldest_first():
    cast = a_cast()
    said = [says(cast.alice, f"Request number {number}", session_id="s-1") for number in range(1, 11)]
    Deliverable.objects.create(order=said[7], name="a.md", body="The eighth answer", sha256="0" * 64)
    last = says(cast.alice, "And now?", session_id="s-1")

    told = conversation.before(last)["Conversation so far"]
    assert [line for line in told.splitlines() if line.startswith("User")] == [
        f"User: Request number {number}" for number in range(3, 11)
    ]
    assert "User: Request number 8\nNexus: The eighth answer" in told


def test_nobody_elses_words_and_no_other_conversation_are_told():
    cast = a_cast()
    says(cast.alice, "Mine, elsewhere", session_id="s-2")
    says(cast.bob, "Somebody else's of the same name", session_id="s-1")
    says(cast.alice, "Without a conversation")

    assert conversation.before(says(cast.alice, "First", session_id="s-1")) == {}
    assert conversation.before(says(cast.alice, "Again without one")) == {}


def test_triage_reads_what_was_said_before():
    with models_answered() as sandbox:
        cast = a_cast()
        says(cast.alice, "My harbour has three lighthouses", session_id="s-1")
        sandbox.script(
            data={"intent": "documentation", "difficulty": "trivial", "brief": "Three lighthouses, as said",
                  "relevant_files": [], "qa_requirements": "Names all three", "clarification_question": ""},
            match={"contains": "three lighthouses"},
        )  # fmt: skip
        second = says(cast.alice, "Write one sentence about each of them, please", session_id="s-1")
        work(second.run, most=1)

        assert order(second.public_id).brief == "Three lighthouses, as said"
