"""What is unpacked, and how far. Pure: a bomb is as large as its limit, and not larger."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import FetchRefused


@dataclass
class Body:
    """Bytes as they come, unpacked up to a limit."""

    coding: str
    most: int
    cut: bool = False
    """There was more than the limit."""
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0
    _packed: int = 0

    def __post_init__(self) -> None:
        """Refuse what we cannot unpack."""
        self._unpack = _unpacker(self.coding)

    def take(self, data: bytes) -> None:
        """Add a piece."""
        self._packed += len(data)
        room = self.most - self._size
        unpacked = self._unpack(data, room + 1)
        self._parts.append(unpacked[:room])
        self._size += min(len(unpacked), room)
        # Packed bytes have the same limit: an unpacker that is fed for ever and gives nothing is a bomb too.
        self.cut = self.cut or len(unpacked) > room or self._packed > self.most

    def whole(self) -> bytes:
        """What was taken."""
        return b"".join(self._parts)


def _unpacker(coding: str) -> Callable[[bytes, int], bytes]:
    named = coding.strip().lower()
    if named in ("", "identity"):
        return lambda data, most: data
    if named in ("gzip", "x-gzip", "deflate"):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # its header says which of the two it is

        def unpack(data: bytes, most: int) -> bytes:
            try:
                return b"" if unpacker.eof else unpacker.decompress(data, most)
            except zlib.error:
                raise FetchRefused("The answer is packed in a way that cannot be unpacked") from None

        return unpack
    raise FetchRefused(f"The answer is packed as {named[:40]!r}, which was not asked for")
