"""YAML that means one thing: no aliases, no tags, no words that turn into something else. Pure.

`yaml.safe_load` of 271 bytes can be two million nodes, by aliases; and it reads `no` as false, 12:30 as a number and
2026-11-02 as a date. Here text is text, unless it is true, false, null or a decimal number.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

DEEPEST = 30
MOST = 20_000
"""Nodes in one file."""


class NotPlain(ValueError):
    """The text is not YAML as it is accepted here."""


class _Loader(yaml.SafeLoader):
    """Reads one document, and counts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._deep = self._many = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse what stands for something else, and what is too much."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise NotPlain(f"Line {event.start_mark.line + 1} has an anchor or an alias")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise NotPlain(f"Line {event.start_mark.line + 1} has a tag")
        self._deep, self._many = self._deep + 1, self._many + 1
        if self._deep > DEEPEST or self._many > MOST:
            raise NotPlain("It is nested too deep, or holds too much")
        try:
            return super().compose_node(parent, index)
        finally:
            self._deep -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 — PyYAML's
        """Refuse a key that comes twice, or is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in ("tag:yaml.org,2002:str", TAG_INT):
                raise NotPlain(f"Line {key.start_mark.line + 1} has a key that is no text")
            if key.value in seen:
                raise NotPlain(f"Line {key.start_mark.line + 1} says {key.value[:60]!r} again")
            seen.add(key.value)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


TAG_INT = "tag:yaml.org,2002:int"
for tag, pattern, first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    (TAG_INT, r"^-?(?:0|[1-9][0-9]{0,17})$", "-0123456789"),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}$", "-0123456789"),
):
    _Loader.add_implicit_resolver(tag, re.compile(pattern), list(first))
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_mapping)


def load(text: str) -> Any:
    """What the text says: texts, numbers, true, false, null, lists and mappings. Raise NotPlain."""
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise NotPlain(f"It is no YAML: {' '.join(str(error).split())[:200]}") from None
    except RecursionError:
        raise NotPlain("It is nested too deep") from None
    finally:
        loader.dispose()


class _Dumper(yaml.SafeDumper):
    """Writes what `load` reads back, prose in blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """None are written."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    folded = "\n" in text and not re.search(r"[ \t]\n|[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if folded else None)


_Dumper.add_representer(str, _text)


def dump(value: Any) -> str:
    """The same value, always written the same."""
    written: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return written
