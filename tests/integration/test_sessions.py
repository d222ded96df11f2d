"""Conversations: a message and its turn, one at a time, answered once, whatever happens meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from django.test import override_settings

from agents.models import Message, Session
from agents.sessions import opening, sending, turn, watching
from agents.sessions.errors import MessageInvalid, SessionBusy, SessionClosed
from nexus import engine
from nexus.tasks import transitions
from tests.support import runs
from tests.support.model_calls import check_journals, taken_again
from tests.support.runs import ALICE
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def a_session(busy="", **given):
    with transaction.atomic():
        return opening.begin_session(project="7", agent="intern", busy=busy, **given)


def say(session, content="Compare three message brokers", **given):
    with transaction.atomic():
        return sending.send(session, content=content, **given)


def carried_out(message):
    runs.work(engine.runs.get(pk=fresh(message).run_id))
    return fresh(message)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def statuses(session):
    return list(session.messages.filter(role="user").order_by("id").values_list("status", flat=True))


def test_what_a_user_says_is_answered_by_a_message_of_the_agent(sandbox):
    session = a_session()
    message = carried_out(say(session).message)
    answer = message.answer
    assert (message.status, fresh(session).turn, fresh(session).message_count) == ("answered", "", 2)
    assert answer.role == "assistant"
    assert answer.content
    assert answer.public_id > message.public_id
    assert answer.metadata["usage"]["output_tokens"] > 0
    assert answer.metadata["content_blocks"] == [{"type": "text", "text": answer.content}]
    assert answer.metadata["tool_calls"] == []
    check_journals(sandbox)


def test_the_run_of_a_turn_is_one_task_and_tells_of_the_answer():
    message = carried_out(say(a_session()).message)
    run = engine.runs.get(pk=message.run_id)
    assert list(engine.tasks.of(run.pk).values_list("type", flat=True)) == ["session.turn"]
    assert runs.kinds(run).count("session.answered") == 1


def test_a_model_is_told_what_was_said_before(sandbox):
    session = a_session()
    carried_out(say(session, "My name is Ada").message)
    say(session, "Answer in one word", role="system")
    heard = {"contains": ["My name is Ada", "Answer in one word", "What is my name?"]}
    sandbox.script(match=heard, text="Ada")
    assert carried_out(say(session, "What is my name?").message).answer.content == "Ada"
    assert session.messages.count() == 5


def test_what_programs_say_is_kept_and_not_answered():
    session = a_session()
    assert say(session, "I am the assistant", role="assistant").message.run_id is None
    assert fresh(session).turn == ""


def test_a_second_message_waits_for_its_turn():
    session = a_session()
    first, second = say(session).message, say(session, "And which one is the fastest?").message
    assert statuses(session) == ["working", "queued"]
    carried_out(first)
    assert statuses(session) == ["answered", "working"]
    carried_out(second)
    assert statuses(session) == ["answered", "answered"]


def test_a_second_message_is_refused_where_the_session_says_so():
    session = a_session(busy="reject")
    say(session)
    with pytest.raises(SessionBusy):
        say(session)
    assert statuses(session) == ["working"]


def test_the_setting_decides_where_the_session_says_nothing():
    session = a_session()
    say(session)
    with override_settings(NEXUS_SESSION_BUSY="reject"), pytest.raises(SessionBusy):
        say(session)


def test_a_second_message_interrupts_where_the_session_says_so(sandbox):
    session = a_session(busy="interrupt")
    first = say(session).message
    sent = say(session, "Stop: compare two databases")
    opening.stop(sent.interrupted, reason="interrupted")
    assert sent.interrupted == first.run_id
    assert statuses(session) == ["interrupted", "working"]
    assert engine.runs.get(pk=first.run_id).state == "cancelled"
    carried_out(sent.message)
    assert statuses(session) == ["interrupted", "answered"]
    assert sandbox.count() == 1


def test_what_waited_behind_an_interrupted_answer_is_interrupted_too():
    session = a_session()
    with override_settings(NEXUS_SESSION_BUSY="queue"):
        say(session)
        say(session, "And which is the fastest?")
    with override_settings(NEXUS_SESSION_BUSY="interrupt"):
        say(session, "Forget it")
    assert statuses(session) == ["interrupted", "interrupted", "working"]


def test_an_answer_that_was_interrupted_while_it_was_written_is_not_stored(sandbox, monkeypatch):
    session = a_session(busy="interrupt")
    first = say(session).message
    answer = turn.reply.answer

    def meanwhile(*args, **given):
        said = answer(*args, **given)
        say(session, "Something else")  # and the cancelling comes too late
        return said

    monkeypatch.setattr(turn.reply, "answer", meanwhile)
    carried_out(first)
    monkeypatch.setattr(turn.reply, "answer", answer)
    assert not Message.objects.filter(answers=first).exists()
    assert "session.answered" not in runs.kinds(engine.runs.get(pk=first.run_id))
    assert statuses(session) == ["interrupted", "working"]


@pytest.mark.parametrize(("policy", "expected"), [("queue", {"working": 1, "queued": 7}), ("reject", {"working": 1}),
                                                  ("interrupt", {"working": 1, "interrupted": 7})])  # fmt: skip
def test_of_many_who_speak_at_once_one_has_the_turn(policy, expected):
    session = a_session(busy=policy)

    def speak(number):
        try:
            return say(session, f"I am number {number}").message
        except SessionBusy:
            return None
        finally:
            from django.db import connection

            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(speak, range(8)))
    found = statuses(session)
    assert {status: found.count(status) for status in set(found)} == expected
    ids = list(session.messages.order_by("id").values_list("public_id", flat=True))
    assert ids == sorted(ids)
    assert fresh(session).message_count == len(ids)


def execution_of(message):
    held = transitions.claim(engine.tasks.get(run_id=message.run_id).pk, ALICE)
    assert held is not None
    return engine.Context(claim=held)


def test_a_turn_that_is_taken_twice_is_bought_and_answered_once(sandbox):
    message = say(a_session()).message
    context = execution_of(message)
    turn.take(context)  # its worker dies before the task is settled
    turn.take(taken_again(context))
    assert Message.objects.filter(answers=message).count() == 1
    assert sandbox.count() == 1


def test_an_answer_that_was_stored_is_not_bought_again_for_the_message(sandbox, monkeypatch):
    message = say(a_session()).message
    context = execution_of(message)

    class Killed(BaseException):
        pass

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(turn, "_store", killed)
        with pytest.raises(Killed):
            turn.take(context)
    assert not Message.objects.filter(answers=message).exists()
    turn.take(taken_again(context))
    assert Message.objects.filter(answers=message).count() == 1
    assert sandbox.count() == 1
    check_journals(sandbox)


def test_a_worker_that_was_overtaken_stores_no_answer():
    message = say(a_session()).message
    late = execution_of(message)
    taken_again(late)
    with pytest.raises(engine.LeaseLost):
        turn.take(late)
    assert not Message.objects.filter(answers=message).exists()


def test_a_turn_that_dies_gives_way_to_the_next(sandbox):
    session = a_session()
    first, second = say(session).message, say(session, "And now?").message
    engine.cancel(run_id=first.run_id)
    assert statuses(session) == ["working", "queued"]
    assert watching.go_on() == 1
    assert watching.go_on() == 0
    assert statuses(session) == ["interrupted", "working"]
    sandbox.script(status=400, times=None)
    carried_out(second)
    assert watching.go_on() == 1
    assert (statuses(session), fresh(session).turn) == (["interrupted", "failed"], "")


def test_whoever_speaks_next_finds_a_dead_turn_given_on():
    session = a_session(busy="reject")
    engine.cancel(run_id=say(session).message.run_id)
    assert say(session, "Still there?").message.status == "working"


def test_nothing_is_said_in_a_session_that_is_over():
    session = a_session()
    first, _ = say(session).message, say(session)
    with transaction.atomic():
        assert opening.close_session(session) == first.run_id
    with transaction.atomic():
        assert opening.close_session(session) is None
    assert statuses(session) == ["interrupted", "interrupted"]
    with pytest.raises(SessionClosed):
        say(session)


def test_sessions_that_nobody_uses_expire():
    used, unused = a_session(), a_session()
    Session.objects.filter(pk=unused.pk).update(last_active_at="2020-01-01T00:00Z")
    assert watching.expire_sessions() == 1
    assert (fresh(used).status, fresh(unused).status) == ("active", "expired")


@pytest.mark.parametrize("given", [{"content": " "}, {"content": "x" * 50_001}, {"content": "x", "role": "boss"}])
def test_what_cannot_be_said_is_refused(given):
    session = a_session()
    with pytest.raises(MessageInvalid):
        say(session, **given)
    assert not session.messages.exists()


def test_old_messages_become_a_summary_and_the_last_stay_as_they_are(sandbox):
    session = a_session()
    for number in range(16):
        say(session, f"Fact {number}", role="user" if number < 0 else "assistant")
        say(session, f"Noted {number}", role="system" if number % 5 == 0 else "assistant")
    carried_out(say(session, "What do you know?").message)
    assert fresh(session).summary
    assert sandbox.count() == 2
    carried_out(say(session, "And now?").message)
    assert sandbox.count() == 3, "no summary a turn"
    check_journals(sandbox)
