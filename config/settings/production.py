"""Production: refuses to start on defaults."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from config.env import env

from .base import *  # noqa: F403

SECRET_KEY = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters; `openssl rand -hex 32` makes one")
for required in ("DATABASE_URL", "REDIS_URL"):
    env.str(required)
if "*" in env.list("ALLOWED_HOSTS", default=[]):
    raise ImproperlyConfigured("ALLOWED_HOSTS=* would let any site open a socket here: name the hosts")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=True) else None
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=False)

NEXUS_RATE_LIMIT = env.str("NEXUS_RATE_LIMIT", default="6000/60")
