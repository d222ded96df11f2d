"""What a call says: a form, a form with files, JSON, or the query. Values that are JSON come as what they mean."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from apps.sandbox import multipart
from apps.sandbox.http import Request
from apps.sandbox.multipart import Part

Params = dict[str, Any]


def read(request: Request) -> Params | None:
    """The parameters; None where the body is none."""
    found: Params = dict(request.query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return found
    if kind == "application/json":
        try:
            given = json.loads(request.body)
        except ValueError:
            return None
        return found | given if isinstance(given, dict) else None
    if kind == "multipart/form-data":
        form = multipart.read(request.body, request.headers["content-type"])
        return None if form is None else found | {name: _meant(value) for name, value in form.items()}
    form_ = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return found | {name: _meant(value) for name, value in form_}


def _meant(value: str | Part) -> Any:
    """Lists and objects travel as JSON in a form; texts and numbers as they are."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def number(params: Params, name: str, usual: int | None = None) -> int | None:
    """A whole number, or the usual one."""
    try:
        return int(params[name])
    except (KeyError, TypeError, ValueError):
        return usual


def flag(params: Params, name: str) -> bool:
    """True or not."""
    return str(params.get(name, "")).lower() in ("true", "1")


def told(params: Params) -> Params:
    """As the journal has it: files by their names and sizes."""
    return {
        name: {"filename": value.filename, "size": len(value.data)} if isinstance(value, Part) else value
        for name, value in params.items()
    }
