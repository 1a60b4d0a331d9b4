"""The documented resources of a Pact Broker, as far as publishing needs them; it notes down every
request, and whether the secret it is given can be seen on any command line meanwhile.

Only what the broker's own documentation says: no answer here was recorded from a real one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote


@dataclass
class FakeBroker:
    """What it holds by now. `allowed` is the Authorization that it lets in; None lets all in."""

    version: str = "2.120.0"
    allowed: str | None = None
    secret: str = ""
    address: str = ""
    elsewhere: str = ""
    failing: dict[str, tuple[int, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    versions: dict[tuple[str, str], str] = field(default_factory=dict)
    pacts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    results: dict[tuple[str, str], bool] = field(default_factory=dict)
    environments: list[str] = field(default_factory=list)
    deployed: list[tuple[str, str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, content: Any) -> tuple[int, Any]:
        """Status and document."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, parts:
            case "GET", [""]:
                return 200, self._index()
            case "POST", ["contracts", "publish"]:
                return 200, self._published(content)
            case "GET", ["pacts", consumer, number]:
                results = f"{self.address}/pacts/{consumer}/{number}/verification-results"
                return 200, {"_links": {"pb:publish-verification-results": {"href": results}}}
            case "POST", ["pacts", _, number, "verification-results"]:
                assert set(content) == {"success", "providerApplicationVersion"}
                self.results[number, content["providerApplicationVersion"]] = content["success"]
                return 201, {}
            case "PUT", ["pacticipants", application, "branches", branch, "versions", number]:
                self.versions[application, number] = branch
                return 201, {"number": number}
            case "GET", ["pacticipants", application, "versions", number]:
                known = (application, number) in self.versions
                return (200, self._version(application, number)) if known else (404, {"error": ""})
            case "GET", ["environments"]:
                listed = [{"name": name, "uuid": name} for name in self.environments]
                return 200, {"_embedded": {"environments": listed}}
            case "POST", ["environments"]:
                assert isinstance(content["production"], bool)
                assert " " not in content["name"]
                self.environments.append(content["name"])
                return 201, {}
            case "POST", ["deployments", application, number, environment]:
                self.deployed.append((application, number, environment))
                return 201, {}
        return 404, {"error": f"no route for {method} {path}"}

    def _index(self) -> Any:
        at = self.elsewhere or self.address
        return {
            "_links": {
                "pb:publish-contracts": {"href": f"{at}/contracts/publish"},
                "pb:environments": {"href": f"{at}/environments"},
            }
        }

    def _published(self, content: Any) -> Any:
        (contract,) = content["contracts"]
        assert contract["specification"] == "pact"
        assert contract["contentType"] == "application/json"
        assert contract["consumerName"] == content["pacticipantName"]
        name, number = content["pacticipantName"], content["pacticipantVersionNumber"]
        pact = json.loads(base64.b64decode(contract["content"], validate=True))
        assert pact["consumer"]["name"] == name
        assert pact["provider"]["name"] == contract["providerName"]
        self.versions[name, number] = content["branch"]
        self.pacts[name, number] = pact
        href = f"{self.address}/pacts/{name}/{number}".replace(" ", "%20").replace("+", "%2B")
        return {"notices": [], "_links": {"pb:contracts": [{"name": "Pact", "href": href}]}}

    def _version(self, application: str, number: str) -> Any:
        at = f"{self.address}/deployments/{application}/{number}".replace(" ", "%20")
        links = [
            {"name": name, "href": f"{at}/{name}".replace("+", "%2B")} for name in self.environments
        ]
        return {"number": number, "_links": {"pb:record-deployment": links}}

    def watch(self) -> None:
        """Look for the secret where everybody on the machine could."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if self.secret and self.secret in line:
                self.seen.append(line)


@contextmanager
def fake_broker(**how: Any) -> Iterator[FakeBroker]:
    """A broker while the block runs."""
    broker = FakeBroker(**how)

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length) or b"null")
            broker.watch()
            broker.requests.append((self.command, self.path, content))
            if broker.allowed not in (None, self.headers.get("Authorization")):
                status, document = 401, {"error": "unauthorized"}
            elif self.path in broker.failing:
                status, document = broker.failing[self.path]
            else:
                status, document = broker.answer(self.command, self.path, content)
            text = document if isinstance(document, str) else json.dumps(document)
            self.send_response(status)
            if broker.version:
                self.send_header("X-Pact-Broker-Version", broker.version)
            if 300 <= status < 400:
                self.send_header("Location", text)
            self.send_header("Content-Type", "application/hal+json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = respond

        def log_message(self, *_: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        broker.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield broker
        finally:
            server.shutdown()
            thread.join()
