"""What an order will cost, before the work: from what orders like it have cost here, or from the list price until then.

The narrowest group that has enough orders counts: with a plan those of the same intent, difficulty, owner and number of
sections; then without the number; then without the intent. What the sandbox answered tells of what it answers, and what
a provider answered of the provider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from agents import providers, roles
from agents.models import Role
from billing import money, pricebook, prices
from billing.models import Price
from billing.prices import Usage
from nexus.errors import NexusError

from . import estimates, rules
from .contracts import Difficulty
from .estimates import Expected

ENOUGH = 10
"""Orders that a group must have before it is believed."""
LATEST = 200
"""Orders of a group that are looked at, the newest."""

ALIKE = """
SELECT count(*), percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY cost) FROM (
    SELECT (SELECT coalesce(sum(l.amount), 0) FROM billing_ledgerentry l WHERE l.order_ref = o.public_id) AS cost
      FROM workorders_workorder o JOIN nexus_run r ON r.id = o.run_id
     WHERE o.owner_role = %(owner)s AND o.difficulty = %(difficulty)s AND o.owner_role <> ''
       AND (%(intent)s::text IS NULL OR o.intent = %(intent)s)
       AND (%(sections)s::int IS NULL OR (o.quote ->> 'sections')::int = %(sections)s)
       AND r.state = 'completed'
       AND %(sandbox)s = EXISTS (SELECT 1 FROM agents_modelrequest q JOIN agents_modelcall c ON c.id = q.call_id
                                  WHERE c.run_id = o.run_id AND q.sandbox)
     ORDER BY o.id DESC LIMIT %(latest)s) alike
"""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Half of the orders like this one cost at most p50, nine of ten at most p90."""

    p50: Decimal
    p90: Decimal
    basis: Literal["history", "list_price"]
    samples: int
    intent: str
    difficulty: str
    owner_role: str
    sections: int | None = None
    """Of the plan, once there is one."""

    def wire(self) -> dict[str, Any]:
        """As JSON has it, and as an order keeps it."""
        return {
            "p50_usd": money.text(self.p50), "p90_usd": money.text(self.p90), "basis": self.basis,
            "samples": self.samples, "intent": self.intent, "difficulty": self.difficulty,
            "owner_role": self.owner_role, "sections": self.sections,
        }  # fmt: skip


def of_message(message: str) -> Quote:
    """What a request would cost, judged by rule: no model is asked. Raise UnknownPrice, UnknownRole."""
    found = rules.judge(message)
    return quote(intent=found.intent, difficulty=found.difficulty)


def quote(*, intent: str, difficulty: Difficulty, sections: int | None = None) -> Quote:
    """What an order of this kind will cost, with so many sections where the plan is drawn."""
    owner = rules.owner_of(difficulty)
    facts: dict[str, Any] = {
        "intent": intent, "difficulty": difficulty, "owner_role": owner, "sections": sections,
    }  # fmt: skip
    groups = (
        [(intent, sections), (intent, None), (None, None)] if sections is not None else [(intent, None), (None, None)]
    )
    sandbox = _is_sandbox(owner)
    for of_intent, of_sections in groups:
        samples, quantiles = _alike(owner, difficulty, intent=of_intent, sections=of_sections, sandbox=sandbox)
        if samples >= ENOUGH:
            return Quote(p50=quantiles[0], p90=quantiles[1], basis="history", samples=samples, **facts)
    usual, long = _list_price(
        estimates.usual(difficulty, sections=sections), estimates.long(difficulty, sections=sections)
    )
    return Quote(p50=usual, p90=long, basis="list_price", samples=0, **facts)


def _alike(
    owner: str, difficulty: str, *, intent: str | None, sections: int | None, sandbox: bool
) -> tuple[int, list[Decimal]]:
    asked = {"owner": owner, "difficulty": difficulty, "intent": intent, "sections": sections}
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, {**asked, "sandbox": sandbox, "latest": LATEST})
        samples, quantiles = cursor.fetchone()
    return int(samples), quantiles or []


def _is_sandbox(owner: str) -> bool:
    """Whether the sandbox would answer now. Who has no provider yet is told what the list says."""
    try:
        return providers.connect(roles.get(owner).provider).sandbox
    except NexusError:
        return False


def _list_price(*orders: Sequence[Expected]) -> list[Decimal]:
    """What each of these would cost by the list; a role and its price are looked up once."""
    now = timezone.now()
    costs: dict[str, Callable[[Expected], Decimal]] = {}
    for name in sorted({call.role for calls in orders for call in calls}):
        role = roles.get(name)
        longest = max(call.input_tokens for calls in orders for call in calls if call.role == name)
        costs[name] = partial(_cost, role, pricebook.price_of(role.provider, role.model, now, longest))
    return [sum((costs[call.role](call) for call in calls), money.ZERO) for calls in orders]


def _cost(role: Role, price: Price, call: Expected) -> Decimal:
    said = min(call.output_tokens, role.max_output_tokens)
    return prices.cost(price, Usage(input_tokens=call.input_tokens, output_tokens=said))
