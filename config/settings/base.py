"""What every place shares. Each block is one service; each line that is not obvious says why."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from config.env import env
from config.settings.around import *  # noqa: F403
from config.settings.board import *  # noqa: F403
from config.settings.builder import *  # noqa: F403
from config.settings.gateway import *  # noqa: F403
from config.settings.queueing import *  # noqa: F403
from config.settings.schema import *  # noqa: F403
from config.settings.studio import *  # noqa: F403
from config.settings.telegram import *  # noqa: F403
from config.settings.webhooks import *  # noqa: F403
from config.settings.workflows import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "nexus",
    "billing",
    "agents",
    "workorders",
    "apps.accounts",
    "apps.api",
    "apps.gateway",
    "apps.live",
    "apps.board",
    "apps.metrics",
    "apps.telegram",
    "apps.builder",
    "apps.workflows",
    "apps.studio",
    "apps.webhooks",
    # Your own task types: Django apps with a handlers.py, named in NEXUS_APPS.
    *env.list("NEXUS_APPS", default=[]),
]
MIDDLEWARE = [
    "apps.api.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The Board's own first, where they replace what the admin brings: the first page, numbers in the side bar.
        "DIRS": [BASE_DIR / "apps/board/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Postgres: the queue of record ----------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://nexus@127.0.0.1:5432/nexus")}
# A statement that waits longer than these is a fault to see, not a queue to stand in.
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"].setdefault(
    "options", "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
)
# Connections live as long as their thread; a dead one is noticed before it is used.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False
# The threads of one worker share so many, however many threads there are: who waits for a model holds none.
WORKER_CONNECTIONS = env.int("WORKER_CONNECTIONS", default=16)

# --- The engine's dials: nexus/conf.py says what each is ------------------------------------------
NEXUS = {
    "LEASE_FOR": env.float("NEXUS_LEASE_FOR", default=60.0),
    "HEARTBEAT_EVERY": env.float("NEXUS_HEARTBEAT_EVERY", default=15.0),
    "SWEEP_EVERY": env.float("NEXUS_SWEEP_EVERY", default=5.0),
    "RING_AGAIN_AFTER": env.float("NEXUS_RING_AGAIN_AFTER", default=30.0),
    "COVERED_FOR": env.float("NEXUS_COVERED_FOR", default=2.0),
    "HEAD_START": env.float("NEXUS_HEAD_START", default=0.025),
    "MOST_BELLS": env.int("NEXUS_MOST_BELLS", default=64),
    "RING_AT_ONCE": env.bool("NEXUS_RING_AT_ONCE", default=True),
    "RETRY_BASE": env.float("NEXUS_RETRY_BASE", default=5.0),
    "RETRY_CAP": env.float("NEXUS_RETRY_CAP", default=300.0),
}

# Where a process shall die, for the proofs that nothing is lost by it; production refuses to start with it.
NEXUS_CRASH = env.str("NEXUS_CRASH", default="")

# --- Models and money -----------------------------------------------------------------------------
ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", default="")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
NEXUS_ENDPOINTS = env.dict("NEXUS_ENDPOINTS", default={})
NEXUS_ENDPOINT_KEYS = env.dict("NEXUS_ENDPOINT_KEYS", default={})
NEXUS_KEYS_SECRET = env.str("NEXUS_KEYS_SECRET", default="")
NEXUS_MODEL_LIMITS = env.json("NEXUS_MODEL_LIMITS", default={}) or {}
# The sandbox answers for the providers only where it is named.
NEXUS_SANDBOX_URL = env.str("NEXUS_SANDBOX_URL", default="")

# A single call that may cost more than this is not made until a person has looked: more likely a price of a million
# tokens was written down for one. Empty: as much as its budgets allow.
NEXUS_CALL_LIMIT_USD = env.str("NEXUS_CALL_LIMIT_USD", default="50")

# Shares of a budget's limit at which it says something: billing/outlook.py says what each is.
BUDGETS = {
    "CAUTION": env.float("BUDGET_CAUTION_THRESHOLD", default=0.7),
    "STEP_DOWN": env.float("BUDGET_STEP_DOWN_THRESHOLD", default=0.8),
    "WARNING": env.float("BUDGET_WARNING_THRESHOLD", default=0.9),
    "OVERRUN": env.float("BUDGET_OVERRUN_THRESHOLD", default=1.1),
}

# --- Tools ----------------------------------------------------------------------------------------
# What others name (models, requesters, webhooks) is asked on the public internet alone, and at these ports.
NEXUS_HTTP_ALLOW = env.list("NEXUS_HTTP_ALLOW", default=[])
NEXUS_HTTP_PORTS = [int(port) for port in env.list("NEXUS_HTTP_PORTS", default=["80", "443"])]
# MCP servers whose tools agents may use: name -> {"command": [...]} or {"url": ...}. Nobody else names a command.
NEXUS_MCP_SERVERS = json.loads(env.str("NEXUS_MCP_SERVERS", default="") or "{}")
NEXUS_AGENT_HOSTS = env.list("NEXUS_AGENT_HOSTS", default=[])  # agents/tools/taint.py
NEXUS_AGENT_LIMITS = json.loads(env.str("NEXUS_AGENT_LIMITS", default="") or "{}")  # agents/loop/limits.py

# --- Conversations and files ----------------------------------------------------------------------
# What becomes of a message while another is being answered, where its session does not say: queue, interrupt, reject.
NEXUS_SESSION_BUSY = env.str("NEXUS_SESSION_BUSY", default="queue")
NEXUS_SESSION_DAYS = env.int("NEXUS_SESSION_DAYS", default=30)
# Bytes of one file as it is sent, and of all files of a project as they are kept.
NEXUS_ATTACHMENT_BYTES = env.int("NEXUS_ATTACHMENT_BYTES", default=10 * 1024 * 1024)
NEXUS_ATTACHMENT_QUOTA = env.int("NEXUS_ATTACHMENT_QUOTA", default=1024**3)

# --- The first run: `manage.py bootstrap` creates what these name, and changes nothing that is there ---
NEXUS_INIT_ADMIN_USER = env.str("NEXUS_INIT_ADMIN_USER", default="")
NEXUS_INIT_ADMIN_PASSWORD = env.str("NEXUS_INIT_ADMIN_PASSWORD", default="")
NEXUS_INIT_API_KEY = env.str("NEXUS_INIT_API_KEY", default="")

# --- People ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
NEXUS_HOME = env.str("NEXUS_HOME", default=str(BASE_DIR / ".nexus"))  # logs, and backups that are made by order
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "media"))
# Files that agents work with, a folder for each order: on a disk that all workers share.
NEXUS_WORKSPACES = env.str("NEXUS_WORKSPACES", default=str(Path(MEDIA_ROOT) / "workspaces"))
NEXUS_WORKSPACE_BYTES = env.int("NEXUS_WORKSPACE_BYTES", default=200_000_000)
NEXUS_WORKSPACE_FILES = env.int("NEXUS_WORKSPACE_FILES", default=2_000)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Requests that one web process answers at a time, each with a connection to Postgres; streams and sockets take none.
WEB_THREADS = env.int("WEB_THREADS", default=16)

# --- /metrics: for whoever has this token, and for the Board; for this machine where no proxy stands in front ---
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_LOOPBACK = env.bool("METRICS_LOOPBACK", default=False)

# --- HTTP API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.accounts.permissions.ScopeOfMethod",
    ],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.api.negotiation.AlwaysJSON",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is a 405: what can be asked stands in the schema
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.api.problems.problem",
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
}

# --- Live feed: apps/live/hub.py hands it on; this layer is only what Channels asks to have ---------
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "nexus.telemetry.log.Formatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "system": {"class": "apps.gateway.syslog.Handler", "level": "ERROR"},
    },
    "root": {"handlers": ["stderr", "system"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # uvicorn brings handlers of its own, which know nothing of secrets: a key in a URL would be in its access log.
        "uvicorn": {"handlers": [], "propagate": True},
        # Its handlers say whether it was asked for: --no-access-log takes them away before this is read.
        "uvicorn.access": {"handlers": [], "propagate": bool(logging.getLogger("uvicorn.access").handlers)},
        "httpx": {"level": "WARNING"},  # at INFO it tells every URL, and Telegram's hold the token
        "httpx2": {"level": "WARNING"},
        "psycopg.pool": {"level": "WARNING"},  # it tells of every connection that is drawn and handed back
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
