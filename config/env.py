"""The process environment, read here and nowhere else."""

from __future__ import annotations

import environ

env = environ.Env()
"""Parsers for strings, numbers, lists and URLs, with the name of the missing variable in the error."""
