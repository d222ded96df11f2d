"""Every tool by name, and the decorator that makes one of a Python function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from nexus import engine

from . import schemas
from .base import BY_EFFECT, Output, Permission, Tool, Where
from .errors import ToolFailed

F = TypeVar("F", bound=Callable[..., Any])
_registry: dict[str, Tool] = {}


def tool(
    *, effect: engine.EffectKind, name: str = "", permission: Permission | None = None, timeout: float = 60.0,
    most_tokens: int = 8_000, untrusted: bool = True, taints: bool | None = None, sends: bool | None = None,
    place: Callable[[dict[str, Any]], str] | None = None, inline: bool = False, version: int = 1,
) -> Callable[[F], F]:  # fmt: skip
    """Make a tool of the decorated function: its docstring is the description, its type hints the schema.

    A parameter of type Where is given where the tool is used. The function answers words, an Output, or JSON; it raises
    ToolFailed, with a message for the model, only when it knows that nothing happened. Raise ValueError.
    """

    def register(function: F) -> F:
        model, where = schemas.input_of(function)
        made = Tool(
            name=name or function.__name__, description=inspect.getdoc(function) or "", effect=effect,
            schema=schemas.schema_of(model), act=_act(function, model, where),
            permission=permission or BY_EFFECT[effect], timeout=timeout, most_tokens=most_tokens, untrusted=untrusted,
            taints=taints, sends=sends, place=place, inline=inline, version=version,
        )  # fmt: skip
        add(made, of=function)
        return function

    return register


_functions: dict[str, object] = {}


def add(made: Tool, *, of: object) -> None:
    """Register a tool; raise ValueError when another function has its name."""
    known = _functions.get(made.name)
    if known is not None and getattr(known, "__qualname__", known) != getattr(of, "__qualname__", of):
        raise ValueError(f"Two tools are called {made.name!r}")
    schemas.check_schema(made.schema)
    _registry[made.name], _functions[made.name] = made, of


@lru_cache(maxsize=1)
def load() -> None:
    """Let every app register its tools: each has them in a module `tools`; ours are in builtin/."""
    from django.utils.module_loading import autodiscover_modules

    from .builtin import files, knowledge, people, web  # noqa: F401 — they register themselves

    autodiscover_modules("tools")


def find(name: str) -> Tool | None:
    """The tool of that name, or None."""
    load()
    return _registry.get(name)


def tools() -> list[Tool]:
    """All, by name."""
    load()
    return [_registry[name] for name in sorted(_registry)]


def _act(function: Callable[..., Any], model: type[Any], where: str | None) -> Callable[[Where, dict[str, Any]], Any]:
    def act(place: Where, input: dict[str, Any]) -> Output | str:
        try:
            arguments = schemas.bound(model, input)
        except ValueError as error:
            raise ToolFailed(f"The input does not fit: {error}") from None
        if where is not None:
            arguments[where] = place
        answer: Output | str = function(**arguments)
        return answer

    return act
