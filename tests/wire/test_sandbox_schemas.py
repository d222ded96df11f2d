"""Any JSON schema is answered with a valid instance, whose texts come from the prompt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from apps.sandbox import schema
from apps.sandbox.prose import prompt
from apps.sandbox.prose.phrasebook import Phrasebook
from apps.sandbox.remote import Remote
from apps.sandbox.server import running

REQUEST = "Draft a release checklist for a Django service with Celery workers"


def an_object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}

SCHEMAS: dict[str, dict[str, Any]] = {
    "plain object": an_object(title=TEXT, summary=TEXT),
    "enum and const": an_object(level={"enum": ["low", "high"]}, version={"const": 3}, other={"enum": [1, None, True]}),
    "nested definitions": {
        **an_object(owner={"$ref": "#/$defs/Person"}, team={"type": "array", "items": {"$ref": "#/$defs/Person"}}),
        "$defs": {
            "Person": an_object(name=TEXT, address={"$ref": "#/$defs/Address"}),
            "Address": an_object(city=TEXT, lines={"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}),
        },
    },
    "root reference": {"$ref": "#/$defs/Node", "$defs": {"Node": an_object(name=TEXT)}},
    "recursive tree": {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": an_object(name=TEXT, children={"type": "array", "items": {"$ref": "#/$defs/Node"}}),
        },
    },
    "recursive by choice": {
        "$ref": "#/$defs/Node",
        "$defs": {"Node": an_object(name=TEXT, next={"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]})},
    },
    "list sizes": an_object(
        many={"type": "array", "items": TEXT, "minItems": 7},
        few={"type": "array", "items": TEXT, "maxItems": 1},
        none={"type": "array", "items": TEXT, "maxItems": 0},
        unique={"type": "array", "items": TEXT, "minItems": 9, "uniqueItems": True},
        colours={"type": "array", "items": {"enum": ["red", "green"]}, "minItems": 2, "uniqueItems": True},
    ),
    "tuple": {"type": "array", "prefixItems": [TEXT, {"type": "integer"}, {"type": "boolean"}], "items": False},
    "string lengths": an_object(
        long={"type": "string", "minLength": 400},
        short={"type": "string", "maxLength": 12},
        exact={
            "type": "string",
            "minLength": 20,
            "maxLength": 20,
        },
    ),
    "patterns": an_object(
        key={"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        code={"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"},
        hex={"type": "string", "pattern": "^(?:0x)?[0-9a-f]{8}$"},
        either={"type": "string", "pattern": "^(yes|no)$"},
        pair={"type": "string", "pattern": r"^(\w)-\1$"},
        padded={"type": "string", "pattern": "^a+b*$", "minLength": 12},
        anything={"type": "string", "pattern": "."},
        version={"type": "string", "pattern": r"^v?\d+(\.\d+){2}(-[\w.]+)?$"},
    ),
    "formats": an_object(
        **{
            name.replace("-", "_"): {"type": "string", "format": name}
            for name in ("date", "time", "date-time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname", "duration")
        }
    ),
    "numbers": an_object(
        whole={"type": "integer", "minimum": 5, "maximum": 9},
        stepped={"type": "integer", "multipleOf": 7, "minimum": 10},
        share={"type": "number", "minimum": 0, "maximum": 1},
        between={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
        negative={"type": "integer", "maximum": -3},
        above={"type": "integer", "exclusiveMinimum": 41},
    ),
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
            {"properties": {"b": {"type": "integer", "minimum": 2}}, "required": ["b"]},
        ]
    },
    "any of objects": {"anyOf": [an_object(kind={"const": "a"}, x=TEXT), an_object(kind={"const": "b"}, y=TEXT)]},
    "one of": {"oneOf": [{"type": "integer", "multipleOf": 2}, {"type": "string", "minLength": 3}]},
    "nullable": an_object(maybe={"type": ["string", "null"]}, never={"type": "null"}),
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 4},
    "untyped": an_object(anything={}, free=True),
    "no type but a shape": {"properties": {"a": TEXT}, "required": ["a"]},
    "chinese names": an_object(标题=TEXT, 要点={"type": "array", "items": TEXT, "minItems": 1}),
}


def instance(wanted: dict[str, Any], request: str = REQUEST) -> Any:
    return schema.instance(wanted, words=Phrasebook(prompt.read(request), "en"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_instance_is_valid(name):
    made = instance(SCHEMAS[name])
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(made)
    assert made == instance(SCHEMAS[name])


def test_texts_come_from_the_request():
    made = json.dumps(instance(an_object(title=TEXT, summary=TEXT, steps={"type": "array", "items": TEXT})))
    assert "Release checklist for a Django service with Celery workers" in made
    assert "Migrations" in made


def test_a_choice_that_the_request_names_is_taken():
    wanted = an_object(priority={"enum": ["low", "medium", "urgent"]})
    assert instance(wanted, "An urgent matter: restore the backup") == {"priority": "urgent"}
    assert instance(wanted, "Restore the backup") == {"priority": "medium"}


def test_a_proposal_is_kept_where_it_fits_and_replaced_where_it_does_not():
    words = Phrasebook(prompt.read(REQUEST), "en")
    wanted = an_object(a=TEXT, b={"type": "integer"}, c={"type": "array", "items": {"enum": ["x", "y"]}})
    made = schema.instance(wanted, words=words, proposal={"a": "kept", "b": "no", "c": ["y", "z"], "d": 1})
    assert made["a"] == "kept"
    assert isinstance(made["b"], int)
    assert made["c"][0] == "y"
    assert set(made) == {"a", "b", "c"}


def test_null_is_a_proposal_too():
    wanted = an_object(question={"anyOf": [TEXT, {"type": "null"}]})
    words = Phrasebook(prompt.read(REQUEST), "en")
    assert schema.instance(wanted, words=words, proposal={"question": None}) == {"question": None}
    assert schema.instance(wanted, words=words)["question"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "string", "enum": ["a"], "minLength": 5},
        {"$ref": "#/$defs/Nobody"},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {**an_object(next={"$ref": "#"})},
        False,
    ],
    ids=str,
)
def test_what_has_no_instance_is_said_to_have_none(wanted):
    with pytest.raises(schema.Unsatisfiable):
        instance(wanted)


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    lengths = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)
    return st.one_of(
        lengths.map(lambda pair: {"type": "string", "minLength": pair[0], "maxLength": pair[1]}),
        st.tuples(st.integers(-50, 50), st.integers(0, 50)).map(
            lambda pair: {"type": "integer", "minimum": pair[0], "maximum": pair[0] + pair[1]}
        ),
        st.tuples(st.floats(-9, 9), st.floats(0.1, 9)).map(
            lambda pair: {"type": "number", "minimum": pair[0], "maximum": pair[0] + pair[1]}
        ),
        st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none()), min_size=1, unique_by=repr).map(
            lambda values: {"enum": values}
        ),
        st.sampled_from([{"type": "boolean"}, {"type": "null"}, TEXT, {"type": "string", "pattern": "^[a-f]{2,5}x?$"}]),
    )


def branches(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.text("abcdefgh_", min_size=1, max_size=6)
    return st.one_of(
        st.dictionaries(names, inner, max_size=4).map(lambda properties: an_object(**properties)),
        st.tuples(inner, st.integers(0, 4), st.integers(0, 3)).map(
            lambda parts: {"type": "array", "items": parts[0], "minItems": parts[1], "maxItems": parts[1] + parts[2]}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    )


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
@given(wanted=st.recursive(leaves(), branches, max_leaves=8), request=st.text(max_size=200))
def test_any_schema_gets_a_valid_instance_whatever_is_asked(wanted, request):
    made = instance(wanted, request)
    jsonschema.Draft202012Validator(wanted).validate(made)
    json.loads(json.dumps(made))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


@pytest.fixture(scope="module")
def client(sandbox: Remote) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=sandbox.url, api_key="sk-test", max_retries=0) as found:
        yield found


@pytest.mark.parametrize("name", ["plain object", "nested definitions", "recursive tree", "patterns", "numbers"])
def test_the_sdk_gets_the_instance_as_text(client, name):
    with client.messages.stream(
        model="claude-haiku-5-5",
        max_tokens=8000,
        messages=[{"role": "user", "content": REQUEST}],
        output_config={"format": {"type": "json_schema", "schema": SCHEMAS[name]}},
    ) as stream:
        message = stream.get_final_message()
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(json.loads(message.content[0].text))
    assert message.stop_reason == "end_turn"


class Step(BaseModel):
    title: str
    minutes: int


class Checklist(BaseModel):
    name: str
    steps: list[Step]
    note: str | None


def test_the_sdk_parses_a_model_of_its_own(client):
    asked: list[Any] = [{"role": "user", "content": REQUEST}]
    parsed = client.messages.parse(
        model="claude-haiku-5-5", max_tokens=4000, messages=asked, output_format=Checklist
    ).parsed_output
    assert isinstance(parsed, Checklist)
    assert [step.title for step in parsed.steps][:2] == ["Migrations and database", "Django settings and static files"]
