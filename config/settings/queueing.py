"""Celery over Redis or Valkey: doorbells, canvas counters, live hints. May be lost at any time."""

from __future__ import annotations

from config.env import env

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # our queues acknowledge nothing; this is for what an older worker has left unacked
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "unacked_restore_limit": 200,
    "socket_timeout": 10,  # the default is none: a publish could hang on a half-open link for ever
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,  # also the watchdog that wakes a consumer stuck on a dead socket
    "retry_on_timeout": False,  # a replayed LPUSH is a doubled message
    "global_keyprefix": "nx:",
    "client_name": "nexus",
    "deadletter_queue": "nexus.undeliverable",  # otherwise an unroutable message vanishes in silence
    "queue_order_strategy": "round_robin",
}
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker; it does not give up
CELERY_BROKER_POOL_LIMIT = 10
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 5
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
# One redelivery authority: the leases in Postgres. So acknowledge early and never redeliver here.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_RETRY_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True  # no doorbell waits behind a ten-minute task
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # a broker blink aborts no paid call
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 30
CELERY_WORKER_ETA_TASK_LIMIT = 200
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "nexus.control"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # members of a canvas ask for theirs
CELERY_RESULT_EXPIRES = 86_400
CELERY_RESULT_CHORD_EXPIRES = 7 * 86_400
CELERY_RESULT_BACKEND_ALWAYS_RETRY = False
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {
    "retry_policy": {"timeout": 5.0, "max_retries": 3},
    "visibility_timeout": 600,
    "global_keyprefix": "nx:r:",
}
CELERY_REDIS_SOCKET_TIMEOUT = 10
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 3
CELERY_REDIS_SOCKET_KEEPALIVE = True
CELERY_REDIS_BACKEND_HEALTH_CHECK_INTERVAL = 15
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_SEND_TASK_EVENTS = False  # Flower asks for them while it looks; unread they cost every task
CELERY_TASK_SEND_SENT_EVENT = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_REPR_MAXLEVELS = 1
CELERY_TASK_REMOTE_TRACEBACKS = False
CELERY_DB_REUSE_MAX = 1000  # a task does not pay for a new connection
