"""Voice notes: written down by a model that listens, paid by their length, once; then they are words like any other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from agents import calls
from agents.attachments import blocks, hearing, keeping
from agents.errors import ProviderError
from agents.models import Attachment, Role
from agents.sessions import opening, sending
from billing.figures import LIST
from billing.models import Price
from nexus import engine
from tests.support import runs
from tests.support import sent_files as media
from tests.support.model_calls import an_execution, lines, requests, taken_again
from tests.support.spending import check_books
from tests.support.stories import a_project, an_order, carried_out, models_answered

pytestmark = pytest.mark.django_db(transaction=True)
SAYS = "mention the harbour lights"


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(MEDIA_ROOT=str(tmp_path)):
        yield sandbox


def a_note(seconds=3.0, *, project="acme", says=SAYS):
    data = media.wav(seconds, says=says)
    return keeping.keep(project=project, name="voice.wav", data=data, said="audio/wav")


def test_what_is_said_is_written_down_and_paid_by_its_length():
    heard = calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    assert SAYS in heard.text
    (line,) = lines()
    assert (line.heard_ms, line.input_tokens, line.output_tokens) == (3000, 0, 0)
    assert (str(line.amount), line.quality, line.role) == ("0.000300000", "reported", "listener")
    (request,) = requests()
    assert (request.max_heard_ms, str(request.max_cost), request.model) == (3000, "0.000300000", "whisper-1")
    check_books()


def a_listener(model: str, **rates: str) -> None:
    """The listener works with this model, at this price."""
    row = {"book": LIST, "provider": "openai", "model": model, "effective_from": timezone.now()}
    zero = dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(0))
    Price.objects.create(**row, **zero | {name: Decimal(rate) for name, rate in rates.items()})
    Role.objects.filter(name="listener").update(model=model)


def test_a_model_that_counts_tokens_is_booked_by_what_it_counted(sandbox):
    a_listener("gpt-4o-transcribe", input="6", output="10")
    calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    (line,) = lines()
    told = sandbox.last()["usage"]
    assert (line.input_tokens, line.output_tokens, line.heard_ms) == (told["input_tokens"], told["output_tokens"], 0)
    assert line.amount == (6 * line.input_tokens + 10 * line.output_tokens) / Decimal(1_000_000)
    assert (line.quality, line.amount <= requests()[0].max_cost) == ("reported", True)
    check_books()


def test_what_is_priced_and_not_told_is_estimated_from_the_file(sandbox):
    a_listener("gpt-4o-transcribe", minute="0.006")
    calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    a_listener("whisper-1", input="6", output="10")
    calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    by_length, by_tokens = lines()
    assert (by_length.heard_ms, by_length.input_tokens, by_length.quality) == (3000, 0, "estimated")
    assert (by_tokens.heard_ms, by_tokens.input_tokens > 0, by_tokens.quality) == (0, True, "estimated")
    assert all(0 < line.amount <= request.max_cost for line, request in zip(lines(), requests(), strict=True))
    check_books()


def test_a_note_is_heard_once_for_its_project(sandbox):
    note, context = a_note(), an_execution()
    (first,) = hearing.listen(context, [note])
    (again,) = hearing.listen(an_execution(), [Attachment.objects.get(pk=note.pk)])
    assert first.transcript == again.transcript
    assert sandbox.count() == 1


def test_a_note_that_was_heard_before_its_worker_died_is_not_paid_again(sandbox):
    note, context = a_note(), an_execution()
    calls.hear(context, step=hearing.FIRST_STEP, sound=blocks.sound(note))
    (heard,) = hearing.listen(taken_again(context), [note])
    assert SAYS in heard.transcript
    assert sandbox.count() == 1


def test_silence_is_an_answer(sandbox):
    sandbox.script(match={"path": "/v1/audio/transcriptions"}, text="")
    (heard,) = hearing.listen(an_execution(), [a_note()])
    assert heard.transcript == ""
    assert sandbox.count() == 1


def test_a_model_that_does_not_listen_is_not_asked(sandbox):
    Role.objects.filter(name="listener").update(provider="anthropic", model="claude-haiku-5-5")
    with pytest.raises(ProviderError, match="could not be read"):
        calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    assert (sandbox.count(), len(lines())) == (0, 0)


def test_a_provider_that_refuses_is_booked_at_nothing(sandbox):
    sandbox.script(match={"path": "/v1/audio/transcriptions"}, status=400)
    with pytest.raises(ProviderError, match="400"):
        calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    assert [float(line.amount) for line in lines()] == [0.0]
    check_books()


def test_seconds_that_are_not_told_are_estimated(sandbox):
    sandbox.script(match={"path": "/v1/audio/transcriptions"}, usage="missing")
    calls.hear(an_execution(), step=1, sound=blocks.sound(a_note()))
    (line,) = lines()
    assert (line.heard_ms, line.input_tokens, line.quality) == (3000, 0, "estimated")


def test_in_a_session_a_note_becomes_what_was_said(sandbox):
    with transaction.atomic():
        session = opening.begin_session(project="acme", agent="intern")
    with transaction.atomic():
        message = sending.send(session, content="", attachments=[a_note()]).message
    runs.work(engine.runs.get(pk=message.run_id))
    message.refresh_from_db()
    assert SAYS in message.content
    assert message.status == "answered"
    assert "harbour" in message.answer.content


def test_an_order_is_carried_out_by_what_came_with_it():
    project = a_project()
    photo = keeping.keep(project=str(project.pk), name="photo.png", data=media.png(641, 479))
    note = a_note(project=str(project.pk))
    order = an_order("Write a caption for the photo", project=project, attachments=[photo.public_id, note.public_id])
    order = carried_out(order)
    assert order.message.startswith("Write a caption for the photo\n\n[voice.wav] ")
    assert order.message.count("[voice.wav]") == 1
    assert SAYS in order.message
    text = order.deliverables.get().body
    assert "- photo.png: picture, 641 × 479 pixels" in text
    assert "641×479 pixels" in text, "the model saw it"
    assert SAYS in text
    check_books()
