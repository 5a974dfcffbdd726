"""Where a bank's page sends a borrower back to: the channel's own page, served by the market."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PAGE = (
    '<!DOCTYPE html><html lang="zh-Hans"><meta charset="utf-8"><title>已返回</title>'
    "<p>已返回，正在向银行核实签署结果。</p></html>"
).encode()


class ReturnPage:
    """A page on a free port; whoever opens `/back/<contract>` has come back from the bank.

    Coming back proves nothing: the channel only has the platform ask the bank.
    """

    def __init__(self, come_back: Callable[[str], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                contract = self.path.rpartition("/")[2]
                come_back(contract)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(_PAGE)))
                self.end_headers()
                self.wfile.write(_PAGE)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def address_of(self, contract: str) -> str:
        """The return link of a contract."""
        return f"{self.base_url}/back/{contract}"

    def close(self) -> None:
        """End the page."""
        self._server.shutdown()
        self._server.server_close()
