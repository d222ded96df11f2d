"""Whom this installation may ask: where they are, which format they speak, where their key comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from agents import keys
from agents.errors import UnknownProvider

Wire = Literal["messages", "responses", "chat"]
ANTHROPIC, OPENAI = "anthropic", "openai"
PUBLIC = {ANTHROPIC: "https://api.anthropic.com", OPENAI: "https://api.openai.com/v1"}
ROUTED = {
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "deepseek": "https://api.deepseek.com/v1",
    "sd": "http://127.0.0.1:7861/v1",
}
"""Families of models that speak OpenAI's format, and where they usually are; NEXUS_ENDPOINTS may say otherwise."""
AT_HOME = frozenset({"sd"})
"""Servers of one's own, which want no key."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_ADDRESS = re.compile(r"(?:(?P<wire>[a-z]+)\+)?(?P<url>https?://[^\s/@]+(?:/\S*)?)")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One provider, as the settings name it."""

    name: str
    wire: Wire
    url: str
    variable: str
    """The setting that its key comes from."""
    needs_key: bool


def known() -> dict[str, Endpoint]:
    """Every provider by its name. ImproperlyConfigured when a setting cannot be understood."""
    own = (
        Endpoint(
            name=ANTHROPIC, wire="messages", url=settings.ANTHROPIC_BASE_URL or PUBLIC[ANTHROPIC],
            variable="ANTHROPIC_API_KEY", needs_key=True,
        ),
        Endpoint(
            name=OPENAI, wire="responses", url=settings.OPENAI_BASE_URL or PUBLIC[OPENAI],
            variable="OPENAI_API_KEY", needs_key=True,
        ),
    )  # fmt: skip
    routed = [replace(_endpoint(name, f"chat+{url}"), needs_key=name not in AT_HOME) for name, url in ROUTED.items()]
    others = [_endpoint(name, address) for name, address in settings.NEXUS_ENDPOINTS.items()]
    return {endpoint.name: endpoint for endpoint in (*own, *routed, *others)}


def get(name: str) -> Endpoint:
    """The provider of that name; UnknownProvider when no setting names it."""
    endpoint = known().get(name)
    if endpoint is None:
        raise UnknownProvider(f"There is no provider {name!r}; NEXUS_ENDPOINTS names others", provider=name)
    return endpoint


def key_of(endpoint: Endpoint, *, stored: bool = True) -> str:
    """Its key, from the environment or else as it is `stored`; or nothing."""
    match endpoint.name:
        case "anthropic":
            given = settings.ANTHROPIC_API_KEY
        case "openai":
            given = settings.OPENAI_API_KEY
        case name:
            given = settings.NEXUS_ENDPOINT_KEYS.get(name, "")
    return str(given) or (keys.of(endpoint.name) if stored else "")


def _endpoint(name: str, address: str) -> Endpoint:
    found = _ADDRESS.fullmatch(address.strip())
    wire = found["wire"] or "chat" if found else ""
    if found is None or wire not in get_args(Wire) or not _NAME.fullmatch(name) or name in PUBLIC:
        raise ImproperlyConfigured(
            f"NEXUS_ENDPOINTS: {name}={address} is not understood; write name=chat+http://host:port/v1"
        )
    return Endpoint(name=name, wire=wire, url=found["url"].rstrip("/"), variable="NEXUS_ENDPOINT_KEYS", needs_key=False)  # type: ignore[arg-type]  # it is one of Wire
