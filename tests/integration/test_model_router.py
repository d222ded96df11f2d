"""A role's chain: who is asked when the first cannot be, each with a request, a reservation and a line of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import override_settings
from django.utils import timezone

from agents import errors, roles
from agents.errors import ModelRefused, UnknownProvider, UnknownRole
from agents.models import Role, RoleVersion
from billing.errors import UnknownPrice
from billing.figures import LIST
from billing.models import Price
from tests.support.model_calls import an_execution, ask, check_journals, lines, requests, states, taken_again
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)

LOCAL = {"provider": "local", "model": "qwen3:8b"}
FIRST = {"model": "claude-haiku-5-5"}
HERE = override_settings(NEXUS_ENDPOINTS={"local": "chat+http://127.0.0.1:9/v1"})


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox, HERE:
        Price.objects.get_or_create(
            book=LIST, provider="local", model="*", effective_from=timezone.now(), min_prompt_tokens=0,
            defaults=dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(1)),
        )  # fmt: skip
        roles.change("intern", actor="test", chain=[LOCAL])
        yield sandbox


@pytest.mark.parametrize(
    "script", [{"status": 529}, {"status": 503}, {"status": 429}, {"status": 401}, {"status": 402}]
)
def test_the_next_is_asked_when_the_first_cannot_be(sandbox, script):
    sandbox.script(**script, match=FIRST)
    answer = ask(an_execution())
    assert (answer.provider, answer.model) == ("local", "qwen3:8b")
    assert states() == ["UNBILLED", "SETTLED"]
    refused, booked = lines()
    assert (refused.provider, refused.amount) == ("anthropic", 0)
    assert (booked.provider, booked.amount, booked.quality) == ("local", answer.cost_usd, "reported")
    check_journals(sandbox)


def test_a_model_that_declines_is_paid_and_the_next_is_asked(sandbox):
    sandbox.script(refuse=True, match=FIRST)
    answer = ask(an_execution())
    assert (answer.provider, states()) == ("local", ["SETTLED", "SETTLED"])
    assert answer.cost_usd == sum(line.amount for line in lines())
    check_journals(sandbox)


def test_who_declined_is_not_asked_again_after_a_crash(sandbox):
    sandbox.script(refuse=True, match=FIRST)
    sandbox.script(status=500, match={"model": "qwen3:8b"})
    context = an_execution()
    with pytest.raises(errors.AnswerLost):
        ask(context)
    assert ask(taken_again(context)).provider == "local"
    assert [request.provider for request in requests()] == ["anthropic", "local", "local"]
    check_journals(sandbox)


def test_who_declined_is_believed_where_nobody_else_can_be_asked(sandbox):
    sandbox.script(refuse=True, match=FIRST)
    sandbox.script(status=529, match={"model": "qwen3:8b"})
    with pytest.raises(ModelRefused):
        ask(an_execution())
    assert states() == ["SETTLED", "UNBILLED"]
    check_journals(sandbox)


def test_the_last_who_declines_is_believed_and_replayed(sandbox):
    sandbox.script(refuse=True, times=2)
    context = an_execution()
    for _ in range(2):
        with pytest.raises(ModelRefused):
            ask(context)
    assert sandbox.count() == 2
    check_journals(sandbox)


def test_when_nobody_can_be_asked_the_task_waits_for_the_first_who_can(sandbox):
    sandbox.script(status=429, retry_after=9, match=FIRST)
    sandbox.script(status=503, retry_after=3, match={"model": "qwen3:8b"})
    with pytest.raises(errors.ProviderOverloaded) as failed:
        ask(an_execution())
    assert (failed.value.retry_after, failed.value.disposition) == (3.0, "give_back")
    assert states() == ["UNBILLED", "UNBILLED"]
    check_journals(sandbox)


def test_an_answer_that_was_lost_is_not_asked_for_elsewhere_in_the_same_attempt(sandbox):
    sandbox.script(status=500, match=FIRST)
    with pytest.raises(errors.AnswerLost):
        ask(an_execution())
    assert states() == ["UNKNOWN"]
    check_journals(sandbox)


def test_a_model_that_the_task_names_is_asked_alone(sandbox):
    assert ask(an_execution(input={"model": "local/qwen3:8b"})).provider == "local"
    sandbox.script(status=529)
    with pytest.raises(errors.ProviderOverloaded):
        ask(an_execution(input={"model": "claude-haiku-5-5"}))


def test_a_busy_model_passes_the_question_on_and_nothing_is_reserved_for_it(sandbox):
    none = {"anthropic/*": {"tokens_per_minute": 1, "requests_per_minute": 1}}
    with override_settings(NEXUS_MODEL_LIMITS=none):
        first, second = ask(an_execution()), ask(an_execution(), step=2)
    assert (first.provider, second.provider) == ("anthropic", "local")
    assert states() == ["SETTLED", "SETTLED"]
    check_journals(sandbox)


def test_a_role_keeps_who_changed_it_and_why_and_is_never_changed_behind_its_back():
    roles.change("intern", actor="ann", reason="cheaper", model="claude-haiku-5-5", effort="high")
    first, second, third = RoleVersion.objects.filter(role="intern")
    assert [first.actor, second.actor, third.actor] == ["bootstrap", "test", "ann"]
    assert [first.version, second.version, third.version] == [1, 2, 3]
    assert (third.reason, third.effort, third.chain, Role.objects.get(name="intern").version) == (
        "cheaper", "high", [LOCAL], 3,
    )  # fmt: skip
    with pytest.raises(Exception, match="append-only"):
        RoleVersion.objects.update(actor="bob")


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ({"model": "claude-unheard-of"}, UnknownPrice),
        ({"chain": [{"provider": "nobody", "model": "x"}]}, UnknownProvider),
        ({"colour": "red"}, TypeError),
    ],
)
def test_a_change_that_could_not_work_is_refused_whole(to, why):
    with pytest.raises(why):
        roles.change("intern", actor="ann", **to)
    assert RoleVersion.objects.filter(role="intern").count() == 2
    with pytest.raises(UnknownRole):
        roles.change("king", actor="ann")
