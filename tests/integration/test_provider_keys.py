"""Keys that are kept: locked, never shown, changed without a gap. And what is said of providers that do not work."""

from __future__ import annotations

import io
import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings

from agents import checkup, keys, roles
from agents.errors import KeyUnreadable, MissingKey
from agents.models import ProviderKey
from agents.providers import connect, endpoints
from billing.models import Price
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "sk-ant-api03-a-very-secret-key"
LOCKED = override_settings(NEXUS_KEYS_SECRET="first secret", NEXUS_SANDBOX_URL="", ANTHROPIC_API_KEY="")


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@LOCKED
def test_a_key_is_kept_locked_and_used():
    with pytest.raises(MissingKey):
        connect("anthropic")
    row = keys.put("anthropic", KEY, actor="ann")
    assert KEY not in row.locked
    assert (row.prefix, row.set_by, row.last_used_at) == ("sk-ant-", "ann", None)
    assert endpoints.key_of(endpoints.get("anthropic")) == KEY
    assert KEY not in repr(connect("anthropic"))
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert KEY not in run("providers", "keys") + run("providers", "keys", "--json")
    with override_settings(ANTHROPIC_API_KEY="from the environment"):
        assert endpoints.key_of(endpoints.get("anthropic")) == "from the environment"


@LOCKED
def test_a_secret_is_changed_without_a_gap():
    keys.put("anthropic", KEY, actor="ann")
    with override_settings(NEXUS_KEYS_SECRET="second secret"), pytest.raises(KeyUnreadable):
        keys.of("anthropic")
    with override_settings(NEXUS_KEYS_SECRET="second secret, first secret"):
        assert keys.of("anthropic") == KEY
        assert run("providers", "rotate").startswith("1 keys")
    with override_settings(NEXUS_KEYS_SECRET="second secret"):
        assert keys.of("anthropic") == KEY
    with pytest.raises(KeyUnreadable):
        keys.of("anthropic")


@override_settings(NEXUS_KEYS_SECRET="")
def test_without_a_secret_no_key_is_kept():
    with pytest.raises(KeyUnreadable, match="NEXUS_KEYS_SECRET"):
        keys.put("anthropic", KEY, actor="ann")
    assert not ProviderKey.objects.exists()


@LOCKED
def test_a_key_is_read_from_stdin_and_forgotten(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
    assert KEY not in run("providers", "set-key", "anthropic")
    assert keys.of("anthropic") == KEY
    assert "anthropic" in run("providers", "forget-key", "anthropic")
    for words in (("forget-key", "anthropic"), ("set-key", "nobody"), ("set-key", "openai")):
        with pytest.raises(CommandError):
            run("providers", *words)


def found_of(provider: str) -> checkup.Finding:
    (found,) = [finding for finding in checkup.run() if finding.provider == provider]
    return found


def states(found) -> dict[str, str]:
    return {finding.provider + (f"/{finding.model}" if finding.model else ""): finding.state for finding in found}


@LOCKED
def test_what_is_wrong_is_said_with_what_to_do():
    roles.install()
    missing = found_of("anthropic")
    assert (missing.state, missing.fix) == ("no_key", "set ANTHROPIC_API_KEY")
    keys.put("anthropic", KEY, actor="ann")
    with override_settings(NEXUS_KEYS_SECRET="another"):
        assert found_of("anthropic").state == "key_unreadable"
    with override_settings(ANTHROPIC_BASE_URL="http://127.0.0.1:1"):
        assert found_of("anthropic").state == "unreachable"
    with override_settings(NEXUS_ENDPOINTS={"local": "chat+http://127.0.0.1:1/v1"}):
        assert states(checkup.run())["local"] == "unreachable"


def test_models_and_prices_are_looked_up():
    with models_answered() as sandbox:
        assert set(states(checkup.run()).values()) == {"sandbox"}
        assert json.loads(run("providers", "check", "--json"))["providers"][0]["ok"] is True
        roles.Role.objects.filter(name="intern").update(model="claude-unheard-of")
        Price.objects.filter(provider="anthropic").update(provider="nobody")
        found = states(checkup.run())
        assert (found["anthropic"], found["anthropic/claude-opus-5-5"]) == ("sandbox", "no_price")
        assert "unknown_model" in {finding.state for finding in checkup.run()}
        with pytest.raises(CommandError):
            run("providers", "check")
        with override_settings(NEXUS_SANDBOX_URL="", ANTHROPIC_BASE_URL=sandbox.url, ANTHROPIC_API_KEY=KEY):
            sandbox.script(status=401, match={"path": "/v1/models"})
            refused = found_of("anthropic")
            assert (refused.state, refused.fix) == ("key_refused", "mend ANTHROPIC_API_KEY")
            assert KEY not in refused.detail
        roles.Role.objects.filter(name="intern").update(provider="nobody")
        assert states(checkup.run())["nobody"] == "failed"


def test_roles_are_shown_and_changed():
    with models_answered():
        assert "anthropic/claude-haiku-5-5" in run("roles", "list")
        assert json.loads(run("roles", "list", "--json"))["roles"]
        chain = "anthropic/claude-sonnet-5-5,anthropic/claude-haiku-5-5"
        assert "version 2" in run("roles", "set", "intern", "--chain", chain, "--reason", "better")
        assert "better" in run("roles", "show", "intern")
        assert roles.get("intern").chain == [{"provider": "anthropic", "model": "claude-haiku-5-5"}]
        for words in (("show", "king"), ("set", "intern"), ("set", "intern", "--chain", "nothing")):
            with pytest.raises(CommandError):
                run("roles", *words)


@pytest.mark.parametrize("wrong", ["ftp://x", "smtp+http://x/v1", "http://user@host/v1", ""])
def test_an_address_that_cannot_be_understood_is_refused(wrong):
    with override_settings(NEXUS_ENDPOINTS={"local": wrong}), pytest.raises(ImproperlyConfigured, match="local"):
        endpoints.known()
    with override_settings(NEXUS_ENDPOINTS={"openai": "chat+http://x/v1"}), pytest.raises(ImproperlyConfigured):
        endpoints.known()
