"""What is really answered fits what the schema says."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import jsonschema
import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests.support.people import ORDERS, a_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    with GENERATOR_STATS.silence():
        return dict(SchemaGenerator().get_schema(request=None, public=True)["components"])


def strict(components: dict[str, Any], name: str) -> jsonschema.Draft202012Validator:
    """The component, with every object closed: what the schema does not know would be told too."""
    closed = {
        key: {**shape, "additionalProperties": False} if shape.get("type") == "object" else shape
        for key, shape in components["schemas"].items()
    }
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": closed}})


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("", "WorkOrderPage"),
        ("/{id}", "WorkOrder"),
        ("/{id}/events", "EventList"),
        ("/{id}/canvases", "CanvasList"),
        ("/{id}/ledger", "LedgerList"),
        ("/{id}/nothing", "Problem"),
        ("?page_size=0", "Problem"),
    ],
)
def test_an_answer_has_the_shape_that_is_promised(components, path, shape):
    cast = a_cast()
    filed = cast.alice.files(budget_usd="1.5")

    answer = cast.alice.get(ORDERS + path.format(id=filed)).json()

    assert [error.message for error in strict(components, shape).iter_errors(answer)] == []


def test_the_docs_bring_their_own_scripts(client):
    page = client.get("/api/docs").content.decode()

    assert "swagger-ui" in page
    assert "https://" not in page.replace("https://127.0.0.1", "")
    with closing(client.get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")) as script:
        assert script.status_code == 200
    assert client.get("/api/schema").status_code == 200
