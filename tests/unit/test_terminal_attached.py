"""What goes along with a request is read before anything starts, and sent as a form."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from apps.terminal import attached
from apps.terminal.client import Client
from apps.terminal.commands.chat import frames
from apps.terminal.exits import TerminalError
from apps.terminal.place import Address


@pytest.fixture
def server():
    """A web server that keeps what it was sent."""
    kept = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            kept.append((self.path, self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b'{"data": {"file_id": "att-1"}}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Client(Address(f"http://127.0.0.1:{server.server_port}", "nx_k")), kept
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_sent_before_the_request_that_names_it(server, tmp_path):
    client, kept = server
    (tmp_path / 'a "b".png').write_bytes(b"\x89PNG")
    files = attached.read([str(tmp_path / 'a "b".png')])
    body = attached.along(client, {"message": "Look", "project": "acme"}, files)
    assert body == {"message": "Look", "project": "acme", "attachments": ["att-1"]}
    ((path, kind, sent),) = kept
    assert path == "/api/v2/attachments"
    edge = kind.removeprefix("multipart/form-data; boundary=").encode()
    assert sent.count(b"--" + edge) == 3
    assert b'name="project"\r\n\r\nacme\r\n' in sent
    assert b'filename="a _b_.png"\r\n\r\n\x89PNG\r\n' in sent


def test_without_files_the_request_is_as_it_was():
    body = {"message": "Look"}
    assert attached.along(None, body, attached.read([])) is body


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path):
    with pytest.raises(TerminalError, match="cannot be read") as refused:
        attached.read([str(tmp_path / "nothing.png")])
    assert refused.value.code == 2


def test_a_streams_comments_are_no_frames():
    told = [b": keep-alive\n", b"\n", b'data: {"event":"done"}\n', b"\n"]
    assert list(frames(told)) == [{"event": "done"}]


def test_a_text_stands_in_the_request_with_its_name(tmp_path):
    (tmp_path / "notes.md").write_bytes("# Grüße\n".encode())
    assert attached.texts([str(tmp_path / "notes.md")]) == [{"name": "notes.md", "content": "# Grüße\n"}]


def test_what_is_no_text_is_sent_another_way(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(TerminalError, match="--attach") as refused:
        attached.texts([str(tmp_path / "photo.png")])
    assert refused.value.code == 2
