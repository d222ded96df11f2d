"""A file is what its bytes are, whatever is said of it; what is kept holds nothing that was hidden in it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from agents.attachments import looking, pictures, sounds
from agents.attachments.errors import AttachmentRefused, AttachmentTooLarge
from tests.support import sent_files as media

MOST = 1_000_000


def look(data, said=""):
    return looking.look(data, said=said, at_most=MOST)


def reason(data, said=""):
    with pytest.raises(AttachmentRefused) as refused:
        look(data, said)
    return refused.value.facts["reason"]


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (media.png(), "image", "image/png"),
        (media.jpeg(), "image", "image/jpeg"),
        (media.encoded(Image.new("RGB", (9, 9)), "WEBP"), "image", "image/webp"),
        (media.encoded(Image.new("P", (9, 9)), "GIF"), "image", "image/png"),
        (media.wav(), "audio", "audio/wav"),
        (b"OggS" + b"\0" * 100, "audio", "audio/ogg"),
        (b"fLaC" + b"\0" * 100, "audio", "audio/flac"),
        (b"\x1aE\xdf\xa3" + b"\0" * 100, "audio", "audio/webm"),
        (b"\0\0\0\x18ftypM4A " + b"\0" * 100, "audio", "audio/mp4"),
        (b"ID3\x04" + b"\0" * 100, "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + b"\0" * 100, "audio", "audio/mpeg"),
        (media.pdf(), "document", "application/pdf"),
        ("Notizen für später".encode(), "document", "text/plain"),
        (b"\xef\xbb\xbfwith a mark", "document", "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_are(data, kind, media_type):
    found = look(data)
    assert (found.kind, found.media_type) == (kind, media_type)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?>\n<!-- so --> <!DOCTYPE svg><svg/>",
        b"MZ\x90\0" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 100,
        b"\x7fELF" + b"\0" * 100,
        b"RIFF\0\0\0\0AVI " + b"\0" * 100,
        b"\xff\xfe" + "text".encode("utf-16-le"),
        b"  \n ",
        media.wav(0.0),
        media.wav(byte_rate=1),
        media.wav()[:20],
        media.pdf(behind=b"\n" + b"PK\x03\x04" * 400),
    ],
)
def test_what_is_none_of_them_is_refused(data):
    assert reason(data) == "unknown_type"


def test_an_empty_file_and_a_large_one_are_refused():
    assert reason(b"") == "empty"
    with pytest.raises(AttachmentTooLarge):
        look(b"x" * (MOST + 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (media.png(), "audio/wav"),
        (media.png(), "text/html"),
        (b"just text", "image/png"),
        (media.wav(), "application/pdf"),
        (media.pdf(), "text/plain"),
    ],
)
def test_a_file_that_is_said_to_be_something_else_is_refused(data, said):
    assert reason(data, said) == "type_mismatch"


@pytest.mark.parametrize("said", ["image/svg+xml", "IMAGE/SVG+XML; charset=utf-8"])
def test_what_is_said_to_be_a_drawing_is_refused_whatever_it_is(said):
    assert reason(media.png(), said) == "unknown_type"


def test_a_type_that_says_nothing_is_no_contradiction():
    assert look(media.png(), "application/octet-stream").kind == "image"
    assert look(media.jpeg(), "image/png; x=y").media_type == "image/jpeg"


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    assert reason(media.bomb()) == "too_many_pixels"


def test_a_broken_picture_is_refused():
    assert reason(media.png(300, 300)[:200]) == "broken"


def test_nothing_hidden_in_a_photo_is_kept():
    sent = media.jpeg(placed=True) + b"PK\x03\x04<script>alert(1)</script>"
    kept = look(sent).data
    assert b"taken at home" in sent
    for hidden in (b"taken at home", b"script", b"Exif", b"PK\x03\x04"):
        assert hidden not in kept
    assert not Image.open(BytesIO(kept)).getexif()


def test_a_photo_is_kept_the_right_way_up():
    found = look(media.jpeg(64, 48, turned=True))
    assert (found.width, found.height) == (48, 64)
    assert Image.open(BytesIO(found.data)).size == (48, 64)


def test_a_large_picture_is_kept_smaller_and_says_how_large_it_was():
    found = look(media.png(4_000, 1_000))
    assert (found.width, found.height) == (4_000, 1_000)
    assert Image.open(BytesIO(found.data)).size == (2_000, 500)


def test_a_picture_that_does_not_pack_well_becomes_a_photo(monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST", 10)
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    found = look(media.encoded(clear, "PNG"))
    assert found.media_type == "image/jpeg"
    assert Image.open(BytesIO(found.data)).getpixel((3, 3)) == (255, 255, 255)


def test_a_clear_picture_stays_clear():
    found = look(media.encoded(Image.new("RGBA", (4, 4), (9, 9, 9, 0)), "PNG"))
    assert Image.open(BytesIO(found.data)).mode == "RGBA"


@pytest.mark.parametrize(("seconds", "most"), [(2.0, 2), (2.1, 3), (0.01, 1)])
def test_a_recording_lasts_as_long_as_its_bytes(seconds, most):
    assert sounds.read(media.wav(seconds)) == ("audio/wav", most)


def test_a_compressed_sound_lasts_at_most_as_long_as_it_can():
    assert sounds.read(b"OggS" + b"\0" * 4_996) == ("audio/ogg", 10)


def test_a_recording_may_hold_more_than_its_sound():
    plain = media.wav(1.0)
    listed = plain[:12] + b"LIST\x03\0\0\0abc\0" + plain[12:]
    assert sounds.read(listed) == ("audio/wav", 1)
