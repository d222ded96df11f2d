"""The shape of an API key, `nx_<id>_<secret>`, and its digest. Pure.

The id finds the row; the secret proves. 32 random bytes need no slow hash: they cannot be guessed, so a
keyed SHA-256 is enough, and a stolen table is worth nothing without the server's pepper.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 12
SECRET_LENGTH = 43
"""43 signs of base 62 hold 256 bits."""
LONGEST = 200
SHAPE = re.compile(r"nx_([A-Za-z0-9]{4,32})_([A-Za-z0-9_-]{20,128})", re.ASCII)


@dataclass(frozen=True)
class Token:
    """A key as its holder has it. Shown once, when it is issued."""

    public_id: str
    secret: str

    def __str__(self) -> str:
        """What goes into the Authorization header."""
        return f"nx_{self.public_id}_{self.secret}"

    def __repr__(self) -> str:
        """Never the secret: tokens end up in tracebacks."""
        return f"<Token nx_{self.public_id}_***>"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the token written in `text`, or None when it is not exactly one."""
        found = SHAPE.fullmatch(text) if len(text) <= LONGEST else None
        return cls(found[1], found[2]) if found else None

    @classmethod
    def fresh(cls) -> Self:
        """Return a token that nobody has had."""
        return cls(_draw(ID_LENGTH), _draw(SECRET_LENGTH))


def _draw(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def digest(token: Token, *, pepper: str) -> str:
    """Return what is stored of `token`."""
    return hmac.new(b"nexus.api-key:" + pepper.encode(), str(token).encode(), hashlib.sha256).hexdigest()


def matches(token: Token, stored: str, *, peppers: Iterable[str]) -> bool:
    """Is `stored` the digest of `token` under one of `peppers`? Takes the same time for every wrong answer."""
    answers = [hmac.compare_digest(digest(token, pepper=pepper), stored) for pepper in peppers]
    return any(answers)
