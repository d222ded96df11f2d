"""Which kind of sound some bytes are, and how long it lasts."""

from __future__ import annotations

import struct

OPUS_RATE = 48_000
MP3_BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)


def read(data: bytes) -> tuple[str, float] | None:
    """Media type and seconds; None where the bytes are no sound."""
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return "audio/wav", _wav(data)
        if data[:4] == b"OggS":
            return "audio/ogg", _ogg(data)
        if data[4:8] == b"ftyp":
            return "audio/mp4", _mp4(data)
        if data[:4] == b"\x1aE\xdf\xa3":
            return "audio/webm", 0.0
        if data[:4] == b"fLaC":
            return "audio/flac", _flac(data)
        if data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1] & 0xE0 == 0xE0):
            return "audio/mpeg", _mp3(data)
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    return None


def _wav(data: bytes) -> float:
    at, rate = 12, 0
    while at + 8 <= len(data):
        name, (length,) = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])
        if name == b"fmt ":
            (rate,) = struct.unpack("<I", data[at + 16 : at + 20])
        if name == b"data":
            return float(min(length, len(data) - at - 8) / rate)
        at += 8 + length + length % 2
    return 0.0


def _ogg(data: bytes) -> float:
    # The last page says how many samples there are by then; Opus counts 48,000 of them in a second.
    (samples,) = struct.unpack("<q", data[data.rindex(b"OggS") + 6 :][:8])
    at = data.find(b"\x01vorbis")
    rate = struct.unpack("<I", data[at + 12 : at + 16])[0] if at >= 0 else OPUS_RATE
    return float(max(0, samples) / rate)


def _mp4(data: bytes) -> float:
    at = data.find(b"mvhd")
    if at < 0:
        return 0.0
    scale, length = struct.unpack(">II", data[at + 16 : at + 24])
    return float(length / scale)


def _flac(data: bytes) -> float:
    packed = int.from_bytes(data[18:26], "big")
    return float((packed & (1 << 36) - 1) / (packed >> 44))


def _mp3(data: bytes) -> float:
    at = 0
    if data[:3] == b"ID3":
        size = data[6:10]
        at = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    bitrate = MP3_BITRATES[data[at + 2] >> 4]
    return float((len(data) - at) * 8 / (bitrate * 1000))
