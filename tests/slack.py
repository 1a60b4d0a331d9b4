"""A Slack that keeps what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Slack:
    """Its address is a secret that must not turn up anywhere."""

    SECRET = "T0000-B0000-not-to-be-seen"

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/services/{self.SECRET}"
        self.messages: list[dict[str, Any]] = []

    def told(self, channel: str, words: str) -> list[dict[str, Any]]:
        """The messages to a channel with these words anywhere in them."""
        return [
            message
            for message in self.messages
            if message.get("channel") == channel
            and words in json.dumps(message, ensure_ascii=False)
        ]


@contextmanager
def slack_server() -> Iterator[Slack]:
    """A Slack on loopback for as long as the block runs."""
    messages: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = self.path == f"/services/{Slack.SECRET}"
            if known:
                messages.append(json.loads(body))
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(b"ok" if known else b"no_service")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        slack = Slack(server.server_address[1])
        slack.messages = messages
        yield slack
        server.shutdown()
