"""What the Messages API refuses of breakpoints, and what a request finds in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apps.sandbox import costs
from apps.sandbox.cache import LIVES, NOT, Cache, Cached
from apps.sandbox.costs import Piece
from apps.sandbox.problem import invalid

MOST = 4


def check(body: dict[str, Any]) -> None:
    """Refuse breakpoints that there cannot be."""
    lives = [life for piece in _pieces(body) if (life := _life(piece.keep))]
    if len(lives) > MOST:
        raise invalid(f"A maximum of {MOST} blocks with cache_control may be provided. Found {len(lives)}.")
    if "5m" in lives and "1h" in lives[lives.index("5m") :]:
        told = "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block."
        raise invalid(f"cache_control: {told}")


def look(cache: Cache, body: dict[str, Any]) -> Cached:
    """What this request finds in the cache, and leaves there. Without breakpoints: nothing."""
    pieces = list(_pieces(body))
    return cache.look(pieces, scope=body["model"]) if any(piece.keep for piece in pieces) else NOT


def _life(keep: dict[str, Any] | None) -> str | None:
    if keep is None:
        return None
    life = keep.get("ttl", "5m")
    if keep.get("type") != "ephemeral" or life not in LIVES:
        raise invalid("cache_control: Input should be of type 'ephemeral', with a ttl of '5m' or '1h'")
    return str(life)


def _pieces(body: dict[str, Any]) -> Iterator[Piece]:
    """The blocks, with the breakpoint of the whole request on the last one."""
    pieces = list(costs.pieces(body))
    if body.get("cache_control") and pieces and not pieces[-1].keep:
        pieces[-1] = replace(pieces[-1], keep=body["cache_control"])
    return iter(pieces)
