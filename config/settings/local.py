"""This machine: what `bin/nexus` runs with. Addresses and secrets come from its supervisor."""

from __future__ import annotations

from config.env import env

from .base import *  # noqa: F403

METRICS_LOOPBACK = env.bool("METRICS_LOOPBACK", default=True)

WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None  # files are served from where their packages keep them; nothing is collected
