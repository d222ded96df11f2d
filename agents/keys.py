"""Keys of providers, kept encrypted. What is stored cannot be read back by people: its beginning is shown, no more.

A key in the environment comes first. Those in the database are locked with NEXUS_KEYS_SECRET, which is not: who has a
copy of the database has no key. To change the secret, put the new one before the old (`new,old`), run
`manage.py providers rotate`, and take the old one away.
"""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from agents.errors import KeyUnreadable
from agents.models import ProviderKey
from nexus.transactions import opens_transaction

SHOWN = 7
"""Characters of a key that are shown: enough to tell two apart, and every maker's first ones are the same anyway."""
SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that a key was used."""


def of(provider: str) -> str:
    """The stored key of this provider, or nothing; KeyUnreadable where the secret is not the one that locked it."""
    row = ProviderKey.objects.filter(provider=provider).first()
    if row is None:
        return ""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - SEEN_EVERY)
    ProviderKey.objects.filter(stale, pk=row.pk).update(last_used_at=Now())
    return _opened(row)


@opens_transaction
def put(provider: str, key: str, *, actor: str) -> ProviderKey:
    """Keep this key in place of the one there was; return its row."""
    locked = _box().encrypt(key.encode()).decode()
    row, _ = ProviderKey.objects.update_or_create(
        provider=provider,
        defaults={
            "locked": locked, "prefix": key[:SHOWN], "set_by": actor, "set_at": Now(), "last_used_at": None,
        },
    )  # fmt: skip
    return row


@opens_transaction
def forget(provider: str, *, actor: str) -> bool:
    """Forget the key of this provider; whether there was one. The row says who, for whoever hears of its end."""
    row = ProviderKey.objects.filter(provider=provider)
    return bool(row.update(set_by=actor) and row.delete()[0])


@opens_transaction
def rotate() -> int:
    """Lock every key with the first of the secrets; return how many there are."""
    box = _box()
    rows = list(ProviderKey.objects.select_for_update().order_by("provider"))
    for row in rows:
        row.locked = box.encrypt(_opened(row).encode()).decode()
        row.save(update_fields=["locked"])
    return len(rows)


def _opened(row: ProviderKey) -> str:
    try:
        return _box().decrypt(row.locked.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable(retry_after=60, provider=row.provider) from None


def _box() -> MultiFernet:
    secrets = [secret.strip() for secret in settings.NEXUS_KEYS_SECRET.split(",") if secret.strip()]
    if not secrets:
        raise KeyUnreadable("Keys cannot be kept or read without NEXUS_KEYS_SECRET; set it", retry_after=60)
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    """A Fernet key of its own purpose, so that no other use of the same secret could open these."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"nexus provider keys").derive(secret.encode())
    return base64.urlsafe_b64encode(made)
