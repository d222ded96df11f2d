"""Bodies of requests for work that are not in order, each with the place where it is told."""

from __future__ import annotations

import json
from typing import Any


def said(**given: Any) -> bytes:
    return json.dumps({"message": "Hello", **given}).encode()


BODIES = [
    (b"", "invalid", "#/message"),
    (b"   ", "invalid", "#/message"),
    (b"{}", "invalid", "#/message"),
    (b"null", "not_an_object", "#"),
    (b"[]", "not_an_object", "#"),
    (b'"x"', "not_an_object", "#"),
    (b"3", "not_an_object", "#"),
    (b'{"message": "hel', "invalid_json", "#"),
    (b"[" * 200_000, "too_deep", "#"),
    (b'{"message": "a", "message": "b"}', "duplicate_key", "#/message"),
    (b'{"message": NaN}', "not_a_number", "#/message"),
    (b'{"message": "x", "budget_usd": Infinity}', "not_a_number", "#/budget_usd"),
    (b'{"message": "x", "budget_usd": 1e999}', "number_too_large", "#/budget_usd"),
    (b'{"message": "x", "priority": ' + b"9" * 5_000 + b"}", "number_too_large", "#/priority"),
    (b'{"message": "x", "priority": 9223372036854775808}', "invalid", "#/priority"),
    (b'{"message": "x", "budget_usd": 1e308}', "invalid", "#/budget_usd"),
    (b'{"message": "x", "budget_usd": -0}', "invalid", "#/budget_usd"),
    (b'{"message": "a\\u0000b"}', "nul_character", "#/message"),
    (b'{"message": "\\ud800"}', "lone_surrogate", "#/message"),
    (b"\xef\xbb\xbf" + said(), "byte_order_mark", "#"),
    ('{"message": "x"}'.encode("utf-16"), "byte_order_mark", "#"),
    (b'{"message": "\xff"}', "not_utf8", "#"),
]

FIELDS = [
    ({"message": ""}, "#/message"),
    ({"message": " \n "}, "#/message"),
    ({"message": 5}, "#/message"),
    ({"message": ["x"]}, "#/message"),
    ({"message": "x" * 20_001}, "#/message"),
    ({"massage": "x"}, "#/massage"),
    ({"__proto__": {}}, "#/__proto__"),
    ({"priority": -1}, "#/priority"),
    ({"priority": 11}, "#/priority"),
    ({"priority": "5"}, "#/priority"),
    ({"priority": True}, "#/priority"),
    ({"budget_usd": "0"}, "#/budget_usd"),
    ({"budget_usd": -1}, "#/budget_usd"),
    ({"budget_usd": "NaN"}, "#/budget_usd"),
    ({"budget_usd": "ten"}, "#/budget_usd"),
    ({"budget_usd": "5 EUR"}, "#/budget_usd"),
    ({"budget_usd": "1000000.01"}, "#/budget_usd"),
    ({"budget_usd": "0.0000000001"}, "#/budget_usd"),
    ({"files": "a.py"}, "#/files"),
    ({"files": [{"name": f"{n}.py", "content": ""} for n in range(21)]}, "#/files"),
    ({"files": [{"name": "../x", "content": ""}]}, "#/files/0/name"),
    ({"files": [{"name": "a", "content": ""}, {"name": "/etc/passwd", "content": ""}]}, "#/files/1/name"),
    ({"files": [{"name": "A.py", "content": ""}, {"name": "a.py", "content": ""}]}, "#/files/1/name"),
    ({"files": [{"name": "a"}]}, "#/files/0/content"),
    ({"files": [{"name": "a", "content": "", "mode": 7}]}, "#/files/0/mode"),
    ({"files": [{"name": "a", "content": 5}]}, "#/files/0/content"),
    ({"acceptance": "x"}, "#/acceptance"),
    ({"acceptance": [""]}, "#/acceptance/0"),
    ({"acceptance": ["x"] * 51}, "#/acceptance"),
    ({"acceptance": ["x", {"kind": "maybe", "text": "x"}]}, "#/acceptance/1/kind"),
    ({"project": "no such/slug"}, "#/project"),
    ({"workflow": 5}, "#/workflow"),
]
