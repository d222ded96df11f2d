"""Pictures, documents and sound: the answer shows that they were read, and what cannot be read is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support import media

CLAUDE, GPT = "claude-sonnet-5-5", "gpt-6-sol"
PICTURES = {"image/png": media.png, "image/jpeg": media.jpeg, "image/gif": media.gif, "image/webp": media.webp}


@pytest.fixture(scope="module")
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def claude(box: Remote) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0) as found:
        yield found


@pytest.fixture(scope="module")
def gpt(box: Remote) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0) as found:
        yield found


def told(client: Any, *parts: dict[str, Any]) -> Any:
    turn: Any = [{"role": "user", "content": [*parts, {"type": "text", "text": "What is this?"}]}]
    if isinstance(client, anthropic.Anthropic):
        return client.messages.create(model=CLAUDE, max_tokens=2000, messages=turn)
    return client.chat.completions.create(model=GPT, messages=turn)


def answered(client: openai.OpenAI, *parts: dict[str, Any]) -> Any:
    text = {"type": "input_text", "text": "What is this?"}
    turn: Any = [{"role": "user", "content": [*parts, text]}]
    return client.responses.create(model=GPT, input=turn)


def image(data: bytes, media_type: str = "image/png") -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": media.in_base64(data)}}


def paper(data: bytes, **more: Any) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "application/pdf", "data": media.in_base64(data)}
    return {"type": "document", "source": source, **more}


@pytest.mark.parametrize("media_type", PICTURES)
def test_a_picture_is_measured_on_every_wire(claude, gpt, media_type):
    data = PICTURES[media_type](640, 480)
    url = media.data_url(media_type, data)
    fact = f"picture: {media_type}, 640×480 pixels, {len(data)} bytes"
    assert fact in told(claude, image(data, media_type)).content[0].text
    assert fact in told(gpt, {"type": "image_url", "image_url": {"url": url}}).choices[0].message.content
    assert fact in answered(gpt, {"type": "input_image", "image_url": url, "detail": "auto"}).output_text


def test_documents_are_read_on_every_wire(claude, gpt):
    data = media.pdf("Quarterly figures", "Page two")
    url = media.data_url("application/pdf", data)
    fact = f"document plan.pdf: application/pdf, 2 pages, {len(data)} bytes, it says “Quarterly figures Page two”"
    assert fact in told(claude, paper(data, title="plan.pdf")).content[0].text
    file = {"filename": "plan.pdf", "file_data": url}
    assert fact in told(gpt, {"type": "file", "file": file}).choices[0].message.content
    assert fact in answered(gpt, {"type": "input_file", **file}).output_text
    notes = {"type": "text", "media_type": "text/plain", "data": "Buy milk,\nand bread."}
    found = told(claude, {"type": "document", "title": "notes.txt", "source": notes}).content[0].text
    assert "document notes.txt: text/plain, 20 bytes, it says “Buy milk, and bread.”" in found


def test_sound_is_heard_in_a_chat(gpt):
    data = media.wav(1.5, says="Book the room")
    sound = {"type": "input_audio", "input_audio": {"data": media.in_base64(data), "format": "wav"}}
    found = told(gpt, sound)
    assert (
        f"sound: audio/wav, 1.50 seconds, {len(data)} bytes, it says “Book the room”"
        in found.choices[0].message.content
    )
    assert found.usage.prompt_tokens_details.audio_tokens == 15


def test_a_picture_in_a_tools_answer_is_read_too(claude):
    tool: Any = {"name": "camera", "input_schema": {"type": "object"}}
    turns: list[Any] = [{"role": "user", "content": "Use camera"}]
    call: Any = claude.messages.create(model=CLAUDE, max_tokens=900, messages=turns, tools=[tool]).content[0]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [image(media.png(10, 20, says="a cat"))]}
    turns += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    found: Any = claude.messages.create(model=CLAUDE, max_tokens=900, messages=turns, tools=[tool]).content[0]
    assert "10×20 pixels" in found.text
    assert "it says “a cat”" in found.text


def test_larger_files_cost_more_and_the_count_says_so_beforehand(claude):
    def cost(wide: int) -> tuple[int, int]:
        turn: Any = [{"role": "user", "content": [image(media.png(wide, 100))]}]
        counted = claude.messages.count_tokens(model=CLAUDE, messages=turn).input_tokens
        return counted, claude.messages.create(model=CLAUDE, max_tokens=99, messages=turn).usage.input_tokens

    (small, used), (large, used_more) = cost(100), cost(700)
    assert (small, large) == (used, used_more)
    assert large > small


REFUSED = {
    "no base64": ({"media_type": "image/png", "data": "%%%"}, "Invalid base64 data"),
    "another format": ({"media_type": "image/jpeg", "data": media.in_base64(media.png())}, "appears to be a image/png"),
    "no picture": ({"media_type": "image/png", "data": media.in_base64(b"hello")}, "Could not process image"),
    "an unknown type": ({"media_type": "image/tiff", "data": ""}, "media_type: Input should be"),
    "too wide": ({"media_type": "image/png", "data": media.in_base64(media.png(8001, 1))}, "dimensions exceed"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_picture_that_cannot_be_read_is_refused(claude, why):
    source, words = REFUSED[why]
    with pytest.raises(anthropic.BadRequestError, match=words):
        told(claude, {"type": "image", "source": {"type": "base64", **source}})


def test_nothing_is_fetched_from_elsewhere(claude, gpt):
    away = {"type": "url", "url": "https://example.com/a.png"}
    with pytest.raises(anthropic.BadRequestError, match="Unable to download"):
        told(claude, {"type": "image", "source": away})
    with pytest.raises(openai.BadRequestError) as raised:
        told(gpt, {"type": "image_url", "image_url": {"url": away["url"]}})
    assert raised.value.code == "invalid_image_url"


def test_what_openai_cannot_read_is_refused_in_its_words(gpt):
    broken = {
        "invalid_image_format": {"type": "image_url", "image_url": {"url": media.data_url("image/png", b"hello")}},
        "unsupported_file": {"type": "file", "file": {"file_data": media.data_url("application/pdf", b"hello")}},
        "invalid_value": {"type": "input_audio", "input_audio": {"data": "aGVsbG8=", "format": "wav"}},
    }
    for code, part in broken.items():
        with pytest.raises(openai.BadRequestError) as raised:
            told(gpt, part)
        assert raised.value.code == code


@pytest.mark.parametrize(
    ("name", "data"),
    [("voice.ogg", media.ogg(2.25, says="Draft a plan")), ("a.wav", media.wav(2.25, says="Draft a plan"))],
)
def test_a_recording_is_written_down(gpt, box, name, data):
    found = gpt.audio.transcriptions.create(model="gpt-4o-transcribe", file=(name, data), language="en")
    assert found.text.startswith("Draft a plan — sandbox transcript of")
    assert f"{name}: audio/{name[-3:]}, 2.25 seconds, {len(data)} bytes" in found.text
    assert found.usage.input_token_details.audio_tokens == 23
    entry = box.last()
    assert (entry["path"], entry["model"]) == ("/v1/audio/transcriptions", "gpt-4o-transcribe")
    assert entry["usage"]["input_tokens"] == found.usage.input_tokens
    assert entry["received"] > len(data)


def test_a_transcript_comes_in_the_form_that_is_asked_for(gpt, box):
    def heard(form: Any) -> Any:
        return gpt.audio.transcriptions.create(model="whisper-1", file=("a.wav", media.wav()), response_format=form)

    assert heard("json").usage.seconds == 1
    assert "says nothing" in heard("text")
    assert "00:00:00,000 --> 00:00:00,500" in heard("srt")
    assert heard("vtt").startswith("WEBVTT")
    verbose = heard("verbose_json")
    assert (float(verbose.duration), verbose.segments[0].end) == (0.5, 0.5)
    stream = gpt.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", media.wav()), stream=True)
    events = list(stream)
    assert events[-1].type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    box.script(text="Exactly this", match={"path": "/v1/audio/transcriptions"})
    assert heard("json").text == "Exactly this"


def test_a_recording_that_cannot_be_heard_is_refused(gpt):
    for file, words in (("hello", "corrupted or unsupported"), (media.wav(0.01), "too short")):
        with pytest.raises(openai.BadRequestError, match=words):
            gpt.audio.transcriptions.create(
                model="whisper-1", file=("a.wav", file if isinstance(file, bytes) else b"hello")
            )
    with pytest.raises(openai.NotFoundError):
        gpt.audio.transcriptions.create(model=GPT, file=("a.wav", media.wav()))
    with pytest.raises(openai.BadRequestError, match="Supported values"):
        gpt.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", media.wav()), response_format="srt")
