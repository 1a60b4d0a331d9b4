"""A shop that is small enough to be made wrong in every way that a client must notice."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from load.gateway import Gateway

_PAGES = {1: "/product/t-shirt/plain", 2: "/products/plain"}


class SmallShop(ThreadingHTTPServer):
    """Sells one t-shirt in both versions; `broken` says what is wrong with it."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault, self.strikes, self.times = "", "", -1
        self.hits: Counter[str] = Counter()
        self.keys: list[str] = []
        self.asked: list[str] = []
        self.released = threading.Event()

    @property
    def gateway(self) -> Gateway:
        return Gateway(f"http://127.0.0.1:{self.server_address[1]}", "shop.localhost")

    def broken(self, fault: str, strikes: str = "", times: int = -1) -> None:
        """From now on, requests whose `METHOD /path` begins with `strikes` meet the fault."""
        self.fault, self.strikes, self.times = fault, strikes, times

    def handle_error(self, *_: object) -> None:
        """A client that gave up is what these tests are about."""


@contextmanager
def small_shop() -> Iterator[SmallShop]:
    shop = SmallShop()
    thread = threading.Thread(target=shop.serve_forever, args=[0.05])
    thread.start()
    try:
        yield shop
    finally:
        shop.released.set()
        shop.shutdown()
        thread.join()
        shop.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SmallShop

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._handle("POST")

    def log_message(self, *_: object) -> None:
        pass

    def _handle(self, method: str) -> None:
        asked = f"{method} {self.path}"
        self.server.hits[asked] += 1
        self.server.asked.append(asked)
        if method == "POST":
            self.server.keys.append(self.headers.get("Idempotency-Key", ""))
        if self.server.fault and asked.startswith(self.server.strikes) and self.server.times:
            self.server.times -= 1
            getattr(self, f"_{self.server.fault}")()
        elif "json" in self.headers.get("Accept", ""):
            self._answer_program(method)
        else:
            self._answer_browser(method)

    def _answer_program(self, method: str) -> None:
        version = int(self.headers["API-Version"])
        shirt = _SHIRTS[version]
        if method == "POST":
            self._json(201, {"remaining": 8, **shirt, "quantity": 1})
        elif self.path == "/":
            self._json(
                200, {"t-shirts": [shirt]} if version == 1 else {"items": [shirt], "next": None}
            )
        elif self.path == "/t-shirt":
            self._json(200, [shirt])
        else:
            self._json(200, shirt)

    def _answer_browser(self, method: str) -> None:
        if method == "POST":
            self._answer(303, b"", "text/html", Location="/products/plain?bought=1")
        elif self.path.startswith("/static/"):
            self._answer(200, b"", "text/css")
        else:
            self._page(2)

    def _page(self, version: int, status: int = 200, link: str = "/products/plain") -> None:
        text = f"""<!doctype html><html class="v{version}">
          <link rel="stylesheet" href="/static/x.css">
          <a href="#top">top</a><a href="https://elsewhere.example/">elsewhere</a>
          <a href="{link}">plain</a><form method="post" action="/products/plain/buy">
          <input type="hidden" name="key" value="k"><input name="quantity" value="1"></form>"""
        self._answer(status, text.encode(), "text/html; charset=utf-8")

    def _json(self, status: int, document: Any) -> None:
        self._answer(status, json.dumps(document).encode(), "application/json")

    def _answer(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # The faults.

    def _fails(self) -> None:
        self._answer(500, b"", "text/html")

    def _is_away(self) -> None:
        self._answer(503, b"", "text/html")

    def _refuses(self) -> None:
        self._answer(403, b"", "text/html")

    def _is_gone(self) -> None:
        self._answer(410, b"", "text/html")

    def _refuses_a_version(self) -> None:
        self._answer(400, b"", "application/problem+json")

    def _knows_nothing(self) -> None:
        self._answer(404, b"", "text/html")

    def _hangs(self) -> None:
        self.server.released.wait(30)
        self.close_connection = True

    def _closes(self) -> None:
        self.close_connection = True

    def _breaks_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"so far")
        self.close_connection = True

    def _trickles(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.server.released.wait(0.05):
            self.wfile.write(b" ")

    def _never_ends(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(10**9))
        self.end_headers()
        while not self.server.released.is_set():
            self.wfile.write(b" " * 100_000)

    def _speaks_the_other_version(self) -> None:
        other = 3 - int(self.headers["API-Version"])
        self._json(201 if self.command == "POST" else 200, _SHIRTS[other])

    def _mumbles(self) -> None:
        self._answer(200, b"<p>hello", "text/html")

    def _says_no_json(self) -> None:
        self._answer(200, b"{", "application/json")

    def _sends_round(self) -> None:
        self._answer(303, b"", "text/html", Location=self.path)

    def _links_nowhere(self) -> None:
        if self.path == "/gone":
            self._knows_nothing()
        elif self.path == "/":
            self._page(2, link="/gone")
        else:
            self._answer_browser(self.command)

    def _asks_to_repeat(self) -> None:
        self._page(2, 409)

    def _is_sold_out(self) -> None:
        self._json(409, {"error": "not enough", "title": "not enough"})


_SHIRTS: dict[int, dict[str, Any]] = {
    1: {"name": "plain", "price": 9.5, "quantity": 9, "href": _PAGES[1]},
    2: {
        "sku": "plain",
        "title": "Plain",
        "price": {"amount": 950, "currency": "EUR"},
        "available": 9,
        "href": _PAGES[2],
    },
}
