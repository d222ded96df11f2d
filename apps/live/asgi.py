"""Where the sockets are."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

from .frames import straight
from .sockets import NoSocket, OrderSocket

ROUTES = [
    re_path(r"^ws/work-orders/(?P<public_id>WO-[0-9]{8}-[0-9]{4,12})/$", AuthMiddlewareStack(OrderSocket.as_asgi())),
    re_path(r"", NoSocket.as_asgi()),
]
websocket = straight(URLRouter(ROUTES))
