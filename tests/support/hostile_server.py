"""An HTTP server on a real socket that misbehaves as it is told, one rule a request."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Rule = Callable[["Handler", bytes], None]


@dataclasses.dataclass
class HostileServer:
    """Serves ``files``; the next request is answered by the first of ``rules`` instead, if there is one."""

    url: str = ""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    rules: list[Rule] = dataclasses.field(default_factory=list)
    requests: list[tuple[str, str | None]] = dataclasses.field(default_factory=list)  # path, Range
    ranges: bool = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: HostileServer

    def do_GET(self) -> None:
        self.state.requests.append((self.path, self.headers.get("Range")))
        content = self.state.files.get(self.path)
        if self.state.rules:
            self.state.rules.pop(0)(self, content or b"")
        elif content is None:
            answer(404)(self, b"")
        else:
            serve(self, content)

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        pass


def serve(handler: Handler, content: bytes) -> None:
    """As servers should, with resumption."""
    wanted = handler.headers.get("Range")
    if wanted and handler.state.ranges and handler.headers.get("If-Range") == '"v1"':
        begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        handler.head(206, len(content) - begin, ETag='"v1"', Content_Range=span)
        handler.wfile.write(content[begin:])
    else:
        handler.head(200, len(content), ETag='"v1"')
        handler.wfile.write(content)


def answer(status: int, **headers: str) -> Rule:
    return lambda handler, _: handler.head(status, 0, **headers)


def cut_after(count: int, etag: str = '"v1"') -> Rule:
    def rule(handler: Handler, content: bytes) -> None:
        handler.head(200, len(content), ETag=etag)
        handler.wfile.write(content[:count])
        handler.hang_up()

    return rule


def stall_after(count: int) -> Rule:
    """Sends no more until the client hangs up."""

    def rule(handler: Handler, content: bytes) -> None:
        handler.head(200, len(content), ETag='"v1"')
        handler.wfile.write(content[:count])
        handler.wfile.flush()
        handler.connection.recv(1)
        handler.hang_up()

    return rule


def claim_length(length: int) -> Rule:
    def rule(handler: Handler, content: bytes) -> None:
        handler.head(200, length, ETag='"v1"')
        handler.wfile.write(content)
        handler.hang_up()

    return rule


def redirect(location: str) -> Rule:
    return answer(302, Location=location)


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients hang up on servers like this one."""


@contextmanager
def running() -> Iterator[HostileServer]:
    state = HostileServer()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state}))
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
