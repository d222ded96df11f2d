"""Which sound some bytes are, and how long it lasts at most. Pure.

A recording in WAV says how many bytes a second takes, and whoever plays it goes by that. What a compressed one says of
its length may be anything; so it is taken to be as long as its bytes can be at the thriftiest rate that speech is
sent at. Only the reservation sees that number: what is booked is what the provider reports.
"""

from __future__ import annotations

import struct

THRIFTIEST = 500
"""Bytes a second: 4 kbit/s, below every codec that phones and messengers record with."""
_KINDS = ((b"OggS", 0, "audio/ogg"), (b"fLaC", 0, "audio/flac"), (b"\x1aE\xdf\xa3", 0, "audio/webm"),
          (b"ID3", 0, "audio/mpeg"))  # fmt: skip
_MP4 = frozenset({b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"dash", b"3gp4", b"3gp5"})


def read(data: bytes) -> tuple[str, int] | None:
    """Media type, and seconds at most; None where the bytes are no sound that can be listened to."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        seconds = _wav(data)
        return None if seconds is None else ("audio/wav", seconds)
    for sign, at, media_type in _KINDS:
        if data[at : at + len(sign)] == sign:
            return media_type, _at_most(data)
    if data[4:8] == b"ftyp" and data[8:12] in _MP4:
        return "audio/mp4", _at_most(data)
    if _is_mpeg_frame(data):
        return "audio/mpeg", _at_most(data)
    return None


def _at_most(data: bytes) -> int:
    return -(-len(data) // THRIFTIEST)


def _wav(data: bytes) -> int | None:
    """Seconds, rounded up; None where its own numbers do not agree, or nothing is in it."""
    at, rate = 12, 0
    while at + 8 <= len(data):
        name, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        if name == b"fmt " and length >= 16 and at + 24 <= len(data):
            channels, samples, rate, block, bits = struct.unpack_from("<HIIHH", data, at + 10)
            if not rate or block != channels * -(-bits // 8) or rate != samples * block:
                return None
        if name == b"data":
            heard = min(length, len(data) - at - 8)
            return -(-heard // rate) if rate and heard else None
        at += 8 + length + length % 2
    return None


def _is_mpeg_frame(data: bytes) -> bool:
    """Eleven set bits, a version, the third layer, a bit rate, a sampling rate. Text in UTF-16 begins much like it."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer, bit_rate, sampling = data[1] >> 3 & 3, data[1] >> 1 & 3, data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in (0, 15) and sampling != 3
