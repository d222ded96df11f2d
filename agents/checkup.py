"""What is wrong with the providers that this installation may ask, and what to do about it. Costs nothing: no model is
asked; each provider is asked for the names of its models.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.utils import timezone

from agents import providers, router
from agents.errors import KeyRefused, KeyUnreadable, MissingKey, ProviderError, ProviderUnavailable
from agents.models import ProviderKey, Role
from agents.providers import endpoints
from agents.providers.endpoints import PUBLIC, ROUTED, Endpoint
from agents.router import Link
from billing import pricebook
from billing.errors import UnknownPrice


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How one provider stands, or one model of it."""

    provider: str
    model: str = ""
    state: str
    """ok, sandbox, no_key, key_unreadable, key_refused, unreachable, failed, unknown_model or no_price."""
    detail: str
    fix: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return self.state in ("ok", "sandbox")

    def shown(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self) | {"ok": self.is_well}


def run() -> list[Finding]:
    """Look at every provider that has a key, an address of its own, or a role that asks it."""
    asked = _asked()
    found: list[Finding] = []
    for endpoint in endpoints.known().values():
        models = [link.model for link in asked if link.provider == endpoint.name]
        if models or _is_named(endpoint) or _has_key(endpoint):
            found += _look(endpoint, models)
    for link in asked:
        if link.provider not in endpoints.known():
            detail = f"a role asks {link}, and no setting names {link.provider}"
            found.append(
                Finding(provider=link.provider, state="failed", detail=detail, fix="name it in NEXUS_ENDPOINTS")
            )
    return found


def _is_named(endpoint: Endpoint) -> bool:
    """Whether a setting names it: those that are known by themselves may be meant by nobody."""
    return endpoint.name not in PUBLIC and (endpoint.name not in ROUTED or endpoint.name in settings.NEXUS_ENDPOINTS)


def _has_key(endpoint: Endpoint) -> bool:
    stored = ProviderKey.objects.filter(provider=endpoint.name)
    return bool(endpoints.key_of(endpoint, stored=False)) or stored.exists()


def _asked() -> list[Link]:
    chains = [router.links(role) for role in Role.objects.order_by("name")]
    return list(dict.fromkeys(link for chain in chains for link in chain))


def _look(endpoint: Endpoint, models: Iterable[str]) -> list[Finding]:
    name = endpoint.name
    try:
        provider = providers.connect(name)
        offered = provider.models()
    except MissingKey as error:
        return [Finding(provider=name, state="no_key", detail=str(error), fix=f"set {endpoint.variable}")]
    except KeyUnreadable as error:
        return [Finding(provider=name, state="key_unreadable", detail=str(error), fix="mend NEXUS_KEYS_SECRET")]
    except KeyRefused as error:
        return [Finding(provider=name, state="key_refused", detail=str(error), fix=f"mend {endpoint.variable}")]
    except ProviderUnavailable as error:
        fix = f"is {endpoint.url} right, and does this machine reach it?"
        return [Finding(provider=name, state="unreachable", detail=str(error), fix=fix)]
    except ProviderError as error:
        return [Finding(provider=name, state="failed", detail=str(error), fix="see the provider's status page")]
    state = "sandbox" if provider.sandbox else "ok"
    detail = "the sandbox answers in its place" if provider.sandbox else f"answers, with {len(offered)} models"
    # Servers of one's own take names that they do not list, and the sandbox takes theirs.
    listed = offered if name in PUBLIC else frozenset(models)
    return [Finding(provider=name, state=state, detail=detail), *_of_models(name, models, listed)]


def _of_models(provider: str, models: Iterable[str], offered: frozenset[str]) -> Iterable[Finding]:
    for model in models:
        if model not in offered:
            detail = f"{provider} does not offer {model} to this key"
            fix = "`manage.py roles set` gives the role another model"
            yield Finding(provider=provider, model=model, state="unknown_model", detail=detail, fix=fix)
        try:
            pricebook.price_of(provider, model, timezone.now(), 1)
        except UnknownPrice as error:
            fix = "add it to the price book; a model without a price is never asked"
            yield Finding(provider=provider, model=model, state="no_price", detail=str(error), fix=fix)
