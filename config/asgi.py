"""HTTP and WebSocket, one process. Any number of copies may run."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

from django.core.asgi import get_asgi_application

http = get_asgi_application()  # loads the apps; what follows may import models

from channels.routing import ProtocolTypeRouter
from django.conf import settings

from apps.api.body_limit import limited
from apps.live.asgi import websocket

application = ProtocolTypeRouter(
    {"http": limited(http, most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE), "websocket": websocket}
)
