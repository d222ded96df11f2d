"""pytest: the servers are started by the test session itself and named in the environment."""

from __future__ import annotations

from config.env import env

from .base import *  # noqa: F403

SECRET_KEY = "only-for-tests-" + "0" * 40
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None  # files are served from where their packages keep them; nothing is collected
WHITENOISE_AUTOREFRESH = True  # looked up when asked for: every test client would list them all
NEXUS_SYSTEM_LOG_DAYS = env.int("NEXUS_SYSTEM_LOG_DAYS", default=0)  # a thread would write beside a test's transaction
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - a thread that is left over keeps no session of a test's database
NEXUS["RING_AT_ONCE"] = env.bool("NEXUS_RING_AT_ONCE", default=False)  # noqa: F405 - a test says when it rings
