"""The API describes itself, and the description that is checked in is the one that the code makes."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_specifications
import pytest
import yaml
from drf_spectacular import validation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from referencing.jsonschema import DRAFT202012
from rest_framework.exceptions import APIException

from apps.accounts import authentication
from apps.api import errors

ROOT = Path(__file__).resolve().parents[2]
CHECKED_IN = ROOT / "docs" / "reference" / "openapi.yaml"
PAGE = (ROOT / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        return dict(SchemaGenerator().get_schema(request=None, public=True))


def openapi_3_1() -> jsonschema.Draft202012Validator:
    """The generator's own copy of the specification, read once: its validate_schema reads it at every reference."""
    written = Path(validation.__file__).with_name("openapi_3_1_schema.json").read_text(encoding="utf-8")
    specification = DRAFT202012.create_resource(json.loads(written))
    known = jsonschema_specifications.REGISTRY.with_resource(specification.id(), specification).crawl()
    return jsonschema.Draft202012Validator({"$ref": specification.id()}, registry=known)


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", item[method])
        for path, item in schema["paths"].items()
        for method in METHODS
        if method in item
    ]


def test_what_is_checked_in_is_what_the_code_makes(schema):
    made = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()

    assert CHECKED_IN.read_text(encoding="utf-8") == made, (
        "run: manage.py spectacular --validate --file docs/reference/openapi.yaml"
    )


def test_it_is_openapi_3_1_and_makes_nobody_guess(schema):
    assert schema["openapi"].startswith("3.1")
    told = json.loads(OpenApiJsonRenderer().render(schema))
    assert [f"{error.json_path} {error.message}" for error in openapi_3_1().iter_errors(told)] == []
    assert not GENERATOR_STATS, "the generator warned"


def test_every_operation_has_a_name_a_summary_problems_and_an_example(schema):
    bare = [
        name
        for name, operation in operations(schema)
        if not (operation.get("operationId") and operation.get("summary"))
        or not {"401", "503"} <= set(operation["responses"])
        or (
            "example" not in str(operation)
            and not name.endswith("/deliverable")
            and "204" not in operation["responses"]
        )
    ]

    assert bare == []


def test_every_example_fits_its_shape(schema):
    whole, fitted = jsonschema.Draft202012Validator(schema), 0
    for name, operation in operations(schema):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    found = whole.evolve(schema=content["schema"]).iter_errors(example["value"])
                    assert [f"{name}: {error.json_path} {error.message}" for error in found] == []
                    fitted += 1

    assert fitted >= 12


def test_the_page_names_every_operation(schema):
    written = {name.replace("{public_id}", "{id}") for name, _ in operations(schema)}

    assert sorted(name for name in written if f"`{name}`" not in PAGE) == []


def test_the_page_names_every_code():
    classes = [kind for module in (errors, authentication) for kind in vars(module).values() if isinstance(kind, type)]
    codes = {
        kind.default_code for kind in classes if issubclass(kind, APIException) and kind.__module__.startswith("apps.")
    }
    for file in ("strict_json.py", "parsers.py", "parameters.py", "pages.py", "idempotency.py", "views/reads.py"):
        codes |= said_in(ROOT / "apps" / "api" / file)
    codes |= said_in(ROOT / "apps" / "accounts" / "authentication.py")

    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in PAGE) == []


def said_in(file: Path) -> set[str]:
    """Strings with the look of a code that are arguments of a refusal."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    raised = {
        "NotStrict",
        "_Flaw",
        "BadBody",
        "BadParameter",
        "BadHeader",
        "AuthenticationFailed",
        "NotFound",
        "_unsupported",
    }
    texts = [
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in raised
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    return {text for text in texts if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", text)}


def test_the_file_is_yaml_that_others_can_read():
    assert yaml.load(CHECKED_IN.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["info"]["title"] == "Nexus"
