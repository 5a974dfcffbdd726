"""Pages of a served home: ``python -m benchmarks.pages_runs TIMES``.

Starts the server on the home, signs in as one of each role, follows the links of the console, and
asks for what it found again and again, each page in its turn.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from http.cookiejar import CookieJar
from statistics import median, quantiles

from loanops.config import startup

startup.start()

from benchmarks.checks import violations  # noqa: E402
from loanops.surfaces.cli.demo import reference  # noqa: E402

PAGES_OF_A_ROLE = 60
A_KIND_HAS = 3
LINK = re.compile(r'href="(/console/[^"#]*)"')
# A part of an address that names a thing: a number, or a code with a digit or a dash in it.
NAMES = re.compile(r"/[A-Z]{2}-[^/?]+|/\d[^/?]*")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Window:
    """A browser of one member of the staff."""

    def __init__(self, base: str) -> None:
        """Nobody is signed in yet."""
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """The page; empty where the address gives a file to keep."""
        with self.opener.open(self.base + path, timeout=60) as answer:
            content: bytes = answer.read()
            return content.decode() if answer.headers.get_content_type() == "text/html" else ""

    def sign_in(self, login: str, password: str) -> None:
        token = TOKEN.search(self.get("/console/sign-in"))
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1], "login": login, "password": password}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.base}/console/sign-in",
            data=urllib.parse.urlencode(fields).encode(),
            headers={"Referer": self.base},
        )
        with self.opener.open(request, timeout=60) as answer:
            assert "sign-in" not in answer.geturl(), f"{login} could not sign in"


def kind_of(path: str) -> str:
    """The page of an address, whatever thing it shows and however it is narrowed."""
    return NAMES.sub("/…", path.partition("?")[0])


def found(window: Window, failed: list[str]) -> list[str]:
    """Addresses to which the links lead from the first page, a few of each kind."""
    waiting, seen = ["/console/"], {"/console/"}
    pages: list[str] = []
    counts: dict[str, int] = defaultdict(int)
    while waiting and len(pages) < PAGES_OF_A_ROLE:
        path = waiting.pop(0)
        try:
            text = window.get(path)
        except urllib.error.HTTPError as error:
            failed.append(f"{path} answered {error.code}")
            continue
        if not text:
            continue
        pages.append(path)
        for written in LINK.findall(text):
            link = written.replace("&amp;", "&")
            if link in seen or "sign-out" in link or counts[kind_of(link)] >= A_KIND_HAS:
                continue
            counts[kind_of(link)] += 1
            seen.add(link)
            waiting.append(link)
    return pages


def measured(base: str, times: int) -> dict[str, object]:
    failed: list[str] = []
    took: dict[str, list[float]] = defaultdict(list)
    probe: list[float] = []
    shown: dict[str, str] = {}
    for person in reference.read("staff")["people"]:
        shown.setdefault(person["role"], person["login"])
    for login in shown.values():
        window = Window(base)
        window.sign_in(login, reference.PASSWORD)
        pages = found(window, failed)
        for _ in range(times):
            probe.append(timed(window, "/healthz"))
            for path in pages:
                took[kind_of(path)].append(timed(window, path))
    pages_found = [
        {"kind": kind, "median": median(each), "p95": quantiles(each, n=20)[-1]}
        for kind, each in took.items()
    ]
    return {"pages": pages_found, "probe": median(probe), "failed": failed[:5]}


def timed(window: Window, path: str) -> float:
    began = time.perf_counter()
    window.get(path)
    return 1000 * (time.perf_counter() - began)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main(times: int) -> dict[str, object]:
    before = violations()
    port = free_port()
    words = [sys.executable, "-m", "loanops.surfaces.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                Window(base).get("/healthz")
                break
            except OSError:
                time.sleep(0.5)
        result = measured(base, times)
    finally:
        server.terminate()
        server.wait(timeout=60)
    return {**result, "violations": before + violations()}


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
