"""A web server for feeds, in a thread of the test."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Answer(NamedTuple):
    """What the server says to one request; the body may come in pieces, as they are asked for."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = {}


class FeedServer(ThreadingHTTPServer):
    """Answers each path as `answers` says, and keeps the headers of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Callable[[Mapping[str, str]], Answer]] = {}
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self.stopping = threading.Event()

    def serve(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Answer this path always so; headers are named with _ for -. Returns the URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = lambda _: Answer(body, status, named)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Where a path is."""
        return f"http://{host}:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: FeedServer

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        answer = self.server.answers[self.path](dict(self.headers))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
        try:
            self.end_headers()
            for piece in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                self.wfile.write(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has seen enough, as some tests want it to

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """A server as long as the block runs."""
    with FeedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()
