"""HTTP for the banks and the carrier: threads, kept-alive connections, power to misbehave."""

import json
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from loanops_sandbox import clock
from loanops_sandbox.bank import control, page
from loanops_sandbox.bank.desk import Desk
from loanops_sandbox.bank.dispatch import Answer, answer, told
from loanops_sandbox.carrier import phone
from loanops_sandbox.carrier.carrier import Carrier

BODY_MOST = 64 * 1024 * 1024
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server_version = "LoanOpsSandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = 120
    desk: Desk
    carrier: Carrier

    def do_GET(self) -> None:
        self._deal()

    def do_POST(self) -> None:
        self._deal()

    def do_PUT(self) -> None:
        self._deal()

    def do_DELETE(self) -> None:
        self._deal()

    def log_message(self, *_: Any) -> None:
        """Keep quiet: a request line can carry what must not be logged."""

    def _deal(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_MOST:
            self.close_connection = True
            self._send(told({"message": "the length of the body is missing or too large"}, 413))
            return
        raw = self.rfile.read(int(length))
        path = self.path.partition("?")[0]
        parts = path.split("/")
        if parts[1] == "sandbox":
            self._send(self._control(parts, raw))
        elif parts[1] == "b" and len(parts) > 3 and parts[2] in self.desk.banks:
            if parts[3] == "sign" and len(parts) == 5:
                self._send(page.show(self.desk, parts[2], parts[4], self.command, raw))
            else:
                self._protocol(parts[2], raw)
        elif parts[1] == "c":
            self._carry(raw)
        elif path == "/phone":
            self._phone()
        elif path == "/healthz":
            self._send(told({"status": "ok"}))
        else:
            self._send(told({"message": "nothing is here"}, 404))

    def _control(self, parts: list[str], raw: bytes) -> Answer:
        if self.client_address[0] not in LOOPBACK:
            return told({"message": "the control desk is on this machine only"}, 403)
        name = parts[2] if len(parts) == 3 else ""
        if name in {"carrier", "messages"} and self.command == "GET":
            return told(self._of_carrier(name))
        status, content = control.obey(self.desk, method=self.command, name=name, raw=raw)
        return told(content, status)

    def _of_carrier(self, name: str) -> dict[str, Any]:
        """The tester's look at the carrier: its introduction, or what lies on telephones."""
        if name == "carrier":
            return self.carrier.introduction(self.desk.base_url)
        query = parse_qs(self.path.partition("?")[2])
        return {"messages": self.carrier.arrived(query.get("mobile", [""])[0])}

    def _carry(self, raw: bytes) -> None:
        reply = self.carrier.answer(
            method=self.command,
            target=self.path,
            headers={name.title(): value for name, value in self.headers.items()},
            raw=raw,
        )
        if reply.cut:
            self._cut()
            return
        self._send(Answer(status=reply.status, body=reply.body, headers=reply.headers))

    def _phone(self) -> None:
        if self.client_address[0] not in LOOPBACK:
            self._send(told({"message": "the telephones are on this machine only"}, 403))
            return
        body, headers = phone.show(self.carrier.arrived(""))
        self._send(Answer(body=body, content_type="text/html; charset=utf-8", headers=headers))

    def _protocol(self, bank: str, raw: bytes) -> None:
        given, sender = answer(
            self.desk,
            bank=bank,
            method=self.command,
            target=self.path,
            headers={name.title(): value for name, value in self.headers.items()},
            raw=raw,
        )
        if given.fault == "hang":
            time.sleep(given.hang_seconds)
        if given.fault in {"reset", "hang", "down"}:
            self._cut()
            return
        body = given.body[: len(given.body) // 2] if given.fault == "malformed" else given.body
        headers = {}
        if sender is not None and given.fault != "unsigned" and given.content_type != "text/html":
            headers = self.desk.signers[bank].answer_headers(
                to=sender.party,
                status=given.status,
                body=body,
                seconds=int(clock.seconds()),
                nonce=sender.nonce,
            )
        self._send(
            Answer(status=given.status, body=body, content_type=given.content_type, headers=headers)
        )

    def _send(self, given: Answer) -> None:
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", given.content_type)
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        self.wfile.write(given.body)

    def _cut(self) -> None:
        """Break the connection as a failing machine does: no answer, a reset."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()


class Server(ThreadingHTTPServer):
    """The banks on one port."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """A broken connection is our daily bread; anything else goes to standard error."""
        wrong = sys.exc_info()[1]
        if not isinstance(wrong, OSError | ValueError):
            sys.excepthook(*sys.exc_info())


def open_server(home: Path, *, host: str = "127.0.0.1", port: int = 0) -> tuple[Server, Desk]:
    """A server that is bound, its desk running; the caller serves and closes it."""
    desk = Desk(home)
    handler = type("DeskHandler", (Handler,), {"desk": desk, "carrier": Carrier(home)})
    server = Server((host, port), handler)
    desk.base_url = f"http://{host}:{server.server_address[1]}"
    desk.start()
    return server, desk


def ready_line(desk: Desk) -> str:
    """What a parent process reads from standard output once the banks are open."""
    banks = [desk.introduction(code, desk.base_url) for code in desk.banks]
    return json.dumps({"base_url": desk.base_url, "banks": banks}, ensure_ascii=False)
