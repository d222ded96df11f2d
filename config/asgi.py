"""HTTP and WebSocket, one process. Any number of copies may run."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

from apps.api.handler import web

http = web()  # loads the apps; what follows may import models

from channels.routing import ProtocolTypeRouter
from django.conf import settings

from apps.api.body_limit import limited
from apps.api.counter import Counter
from apps.api.desks import Desks, seated
from apps.api.rates import Rated
from apps.gateway import doors
from apps.live import sse, talk
from apps.live.asgi import websocket
from apps.metrics.heard import Heard
from apps.workflows.views import applying
from config.interpreter import collect_seldom, take_short_turns

LASTING = (sse.is_one, talk.is_one, doors.is_one, applying.is_one)
served = seated(
    http, desks=Desks(settings.WEB_THREADS), standing=lambda scope: any(is_one(scope) for is_one in LASTING)
)
rated = Rated(
    limited(
        Counter(served),
        most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        # A file and what a form writes around it.
        more={"/api/v2/attachments": settings.NEXUS_ATTACHMENT_BYTES + 64 * 1024},
    ),
    limit=settings.NEXUS_RATE_LIMIT,
    redis_url=settings.REDIS_URL,
)
answered = Heard(rated, also=(rated.limited, rated.unchecked))
application = ProtocolTypeRouter({"http": answered, "websocket": websocket})
collect_seldom()
take_short_turns()
