"""Requests to /api/v2. Knows no order: paths, JSON, problems."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from .exits import UNAVAILABLE, USAGE, TerminalError, of_status
from .place import Address

Json = dict[str, Any]
_TRIES = 5


@dataclass(frozen=True)
class Client:
    """One installation, seen from outside."""

    address: Address
    timeout: float = 30.0

    def get(self, path: str) -> Json:
        """Return the JSON at `path`."""
        return self._json("GET", path)

    def post(self, path: str, body: Mapping[str, object], *, key: str) -> Json:
        """Post `body` under an Idempotency-Key: a repetition of it does nothing twice."""
        return self._json("POST", path, body=json.dumps(body).encode(), headers={"Idempotency-Key": key})

    def upload(self, path: str, *, name: str, data: bytes, fields: Mapping[str, str]) -> Json:
        """Post a file as a form. The same file is kept once, so it may be sent again."""
        edge = uuid.uuid4().hex
        parts = [_part(edge, f'name="{field}"', value.encode()) for field, value in fields.items()]
        safe = name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        parts.append(_part(edge, f'name="file"; filename="{safe}"', data))
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._json("POST", path, body=b"".join([*parts, f"--{edge}--\r\n".encode()]), headers=kind)

    def act(self, path: str, body: Mapping[str, object]) -> Json:
        """Post once; what is repeated would be refused by the state it has reached."""
        return self._json("POST", path, body=json.dumps(body).encode(), tries=1)

    def put(self, path: str, body: Mapping[str, object]) -> Json:
        """Put `body` once: each is written down with who did it."""
        return self._json("PUT", path, body=json.dumps(body).encode(), tries=1)

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Ask once by any other method: PATCH, DELETE."""
        return self._json(method, path, body=None if body is None else json.dumps(body).encode(), tries=1)

    @contextmanager
    def stream(
        self, path: str, headers: Mapping[str, str], *, body: Mapping[str, object] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Open `path` and keep it open for reading; with a `body` it is posted there."""
        connection = self._connection()
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(
                "GET" if body is None else "POST",
                self._path(path),
                body=sent,
                headers=self._headers({**headers, **kind}),
            )
            answer = connection.getresponse()
            if answer.status >= 400:
                raise _refusal(answer.status, answer.read())
            yield answer
        finally:
            connection.close()

    def _json(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        tries: int = _TRIES,
    ) -> Json:  # fmt: skip
        sent = self._headers({"Accept": "application/json", **(headers or {})})
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        for attempt in range(1, tries + 1):
            try:
                status, content = self._ask(method, path, body, sent)
            except (OSError, http.client.HTTPException) as error:
                if attempt == tries:
                    raise self._silent(error) from error
                status, content = 0, b""
            # What was only read may be read again, whatever went wrong on the other side.
            if status and status not in (429, 502, 503, 504) and (status, method) != (500, "GET"):
                return _read(status, content)
            if attempt == tries:
                raise _refusal(status, content)
            time.sleep(0.3 * 2**attempt)
        raise AssertionError("unreachable")

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, self._path(path), body=body, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address.url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise TerminalError(f"NEXUS_URL is not an address: {self.address.url}", code=USAGE)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(parts.netloc, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(parts.netloc, timeout=self.timeout)

    def _path(self, path: str) -> str:
        return urlsplit(self.address.url).path.rstrip("/") + path

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.address.key}", "User-Agent": "nexus-terminal", **headers}

    def _silent(self, error: Exception) -> TerminalError:
        return TerminalError(
            f"{self.address.url} does not answer ({str(error) or type(error).__name__})",
            code=UNAVAILABLE,
            hint="bin/nexus status shows what runs, bin/nexus doctor what is wrong",
        )


def _part(edge: str, about: str, data: bytes) -> bytes:
    return f"--{edge}\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() + data + b"\r\n"


def order_path(public_id: str, rest: str = "") -> str:
    """Return the path of an order, whatever was typed as its id."""
    return f"/api/v2/work-orders/{quote(public_id, safe='')}{rest}"


def _read(status: int, content: bytes) -> Json:
    if status >= 400:
        raise _refusal(status, content)
    if not content:
        return {}
    try:
        found = json.loads(content)
    except ValueError as error:
        raise TerminalError(f"the answer is not JSON: {content[:120]!r}", hint="Is NEXUS_URL a Nexus?") from error
    return found if isinstance(found, dict) else {"results": found}


def _refusal(status: int, content: bytes) -> TerminalError:
    """Turn a problem+json into the error that the terminal shows."""
    try:
        problem: Json = json.loads(content)
    except ValueError:
        problem = {}
    lines = [str(problem.get("detail") or problem.get("title") or f"the server answers {status}")]
    lines += [f"  {each.get('pointer', '')}: {each.get('detail', '')}" for each in problem.get("errors") or []]
    hint = {
        401: "Set NEXUS_API_KEY to a key of this installation (`bin/nexus status --json` shows the first one)",
        404: "`bin/nexus ls` lists the orders",
    }.get(status, "")
    return TerminalError("\n".join(lines), code=of_status(status), hint=hint)
