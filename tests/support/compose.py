"""compose.yaml as docker reads it: one value per key, anchors merged, variables filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<how>:[?-])(?P<rest>(?:[^{}]|\{[^{}]*\})*))?\})")
"""`$$`, `${NAME}`, `${NAME:?why it is needed}` and `${NAME:-default}`: the forms that compose.yaml may use."""


class Unset(LookupError):
    """A variable that has no default was not set; docker compose would stop with this text."""


class OneValuePerKey(yaml.SafeLoader):
    """YAML that refuses a key written twice, as docker does and PyYAML does not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002 - PyYAML's
        """Build one mapping; a doubled key is an error."""
        written = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        doubled = sorted({key for key in written if written.count(key) > 1})
        if doubled:
            raise yaml.YAMLError(f"written twice: {doubled} near line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def as_written(path: Path = ROOT / "compose.yaml") -> dict[str, Any]:
    """The file with its anchors merged and its variables as they stand there."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=OneValuePerKey)  # noqa: S506 - a SafeLoader


def filled_in(document: Any, values: dict[str, str]) -> Any:
    """The same document with every variable replaced; `Unset` where docker compose would refuse."""
    if isinstance(document, dict):
        return {key: filled_in(value, values) for key, value in document.items()}
    if isinstance(document, list):
        return [filled_in(value, values) for value in document]
    return VARIABLE.sub(lambda found: _value(found, values), document) if isinstance(document, str) else document


def _value(found: re.Match[str], values: dict[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if values.get(found["name"]):
        return values[found["name"]]
    if found["how"] == ":-":
        return found["rest"]
    raise Unset(f"{found['name']}: {found['rest'] or 'required'}")


def variables(document: Any) -> set[str]:
    """Every variable that the document mentions."""
    return {found["name"] for found in VARIABLE.finditer(yaml.safe_dump(document, width=10_000)) if found["name"]}
