"""A body is judged alike, whether by the whole shape of an order or by that of its members alone."""

from __future__ import annotations

import itertools

import pytest
from rest_framework.exceptions import ValidationError

from apps.api.shapes import ORDER_MEMBERS, WorkOrderIn, order_of

GOOD = {
    "message": "Write a page",
    "project": "acme",
    "files": [{"name": "a.txt", "content": "A"}],
    "attachments": ["att-00000000-0000-0000-0000-000000000000"],
    "acceptance": ["It is short."],
    "budget_usd": "2.50",
    "cap_at_quote": True,
    "tools": ["search"],
    "priority": 7,
    "workflow": "",
}
BAD = {
    "message": " ", "project": "no slug", "files": [{"name": "../a", "content": "A"}], "attachments": ["att-1"],
    "acceptance": [""], "budget_usd": "-1", "cap_at_quote": "yes", "tools": [5], "priority": 11, "workflow": 1,
    "colour": "red",
}  # fmt: skip
BODIES = [
    GOOD,
    BAD,
    {},
    *({"message": "Write a page", name: GOOD[name]} for name in GOOD),
    *({"message": "Write a page", name: BAD[name]} for name in BAD),
    *({name: GOOD[name], other: BAD[other]} for name, other in itertools.permutations(GOOD, 2)),
    *({"message": "Write a page", name: None} for name in GOOD),
    {"message": "Write a page", "files": [GOOD["files"][0], GOOD["files"][0]]},
]


def judged(shape, body):
    try:
        return shape.run_validation(body)
    except ValidationError as error:
        return error.get_full_details()


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_is_judged_alike(body):
    assert judged(order_of(ORDER_MEMBERS.intersection(body)), body) == judged(WorkOrderIn(), body)


def test_every_member_is_among_these_once_right_and_once_wrong():
    assert set(GOOD) == ORDER_MEMBERS
    assert judged(WorkOrderIn(), GOOD).keys() == ORDER_MEMBERS
    assert judged(WorkOrderIn(), BAD).keys() == {*ORDER_MEMBERS, "colour"}
