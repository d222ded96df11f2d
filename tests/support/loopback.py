"""HTTP to this machine asks for no certificate, so none is read: reading them all takes longer than a request."""

from __future__ import annotations

import ssl

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whom a client believes that speaks to loopback, in plain text: `verify=NOBODY`."""
