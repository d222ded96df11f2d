"""Secrets that must be read again, to sign or to compare: kept encrypted, under a key that is not in the database.

The key is NEXUS_KEYS_SECRET, as for the keys of providers, or SECRET_KEY where there is none. What was sealed under
an older one is opened as long as that is still named (`new,old`, SECRET_KEY_FALLBACKS).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from nexus.errors import Unavailable


def seal(secret: str, *, purpose: str) -> str:
    """Return what may be stored of `secret`; it can be opened for the same purpose alone."""
    return _box(purpose).encrypt(secret.encode()).decode()


def opened(sealed: str, *, purpose: str) -> str:
    """Return the secret; raise Unavailable where the key that sealed it is not known here."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unavailable("A stored secret cannot be opened: NEXUS_KEYS_SECRET or SECRET_KEY has changed") from None


def _box(purpose: str) -> MultiFernet:
    told = [*settings.NEXUS_KEYS_SECRET.split(","), settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(one.strip(), purpose)) for one in told if one.strip()])


def _derived(secret: str, purpose: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"nexus {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(made)
