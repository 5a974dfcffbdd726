"""A real HTTP server that receives what we post, and behaves as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request as it came in."""

    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """What came in, and how to answer: a status, or a behaviour by name, one for each request."""

    answers: list[int | str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    url: str = ""

    def next_answer(self) -> int | str:
        return self.answers.pop(0) if self.answers else 200


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(headers, body))
            answer = receiver.next_answer()
            if isinstance(answer, int):
                self.send_response(answer)
                if answer in {301, 307}:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()
            else:
                self._misbehave(answer)

        def _misbehave(self, how: str) -> None:
            try:
                if how == "drip":
                    for _ in range(100):
                        self.wfile.write(b"H")
                        self.wfile.flush()
                        time.sleep(0.05)
                elif how == "flood":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000)
                elif how == "nonsense":
                    self.wfile.write(b"I am no server\r\n\r\n")
                elif how == "early hints":
                    self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 Done\r\n\r\n")
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
