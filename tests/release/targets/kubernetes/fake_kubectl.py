"""A kubectl whose proxy is the API server of a small cluster: it keeps what it is given, and lists
it by label and field. Deleting `/` empties it. What is given with an `answer` is answered with
that. A trouble that it is given answers as many questions as it says, with a status, or by a
connection that breaks for 0.
"""

from __future__ import annotations

import json
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

OBJECTS: dict[str, Any] = {}
LISTED = ("namespaces", "secrets", "jobs", "pods", "statefulsets", "endpointslices")


def _is_refused(resourceAttributes: dict[str, str]) -> bool:
    """Whether a test keeps, below `/refused/NAMESPACE`, an object named like what is asked for."""
    asked = resourceAttributes
    name = f"{asked['verb']} {asked['resource']} {asked['subresource']}".strip()
    return f"/refused/{asked['namespace']}/{name}" in OBJECTS


def _has(item: Any, field: str) -> bool:
    """Whether a field has a value, or does not, as in `status.phase!=Failed`."""
    path, _, value = field.partition("=")
    for part in path.rstrip("!").split("."):
        item = item.get(part) or {}
    return bool((item == value) != path.endswith("!"))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        trouble = OBJECTS.get("/troubles/next")
        if trouble and trouble["times"]:
            trouble["times"] -= 1
            if trouble["status"]:
                self._answer(trouble["status"], {"message": trouble.get("message", "")})
            return
        url = urlsplit(self.path)
        given = parse_qs(url.query)
        selector = given.get("labelSelector", [""])[0]
        wanted = dict(each.split("=") for each in selector.split(",") if each)
        fields = given.get("fieldSelector", [""])[0].split(",")
        inside = {
            path: item for path, item in OBJECTS.items() if path.rpartition("/")[0] == url.path
        }
        if url.path in OBJECTS:
            found = OBJECTS[url.path]
            self._answer(200, found.get("answer", found))
        elif url.path.rpartition("/")[2] in LISTED:
            found = [
                item
                for item in inside.values()
                if wanted.items() <= item["metadata"].get("labels", {}).items()
                and all(_has(item, field) for field in fields if field)
            ]
            self._answer(200, {"items": found})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if item.get("kind") == "SelfSubjectAccessReview":
            self._answer(201, {"status": {"allowed": not _is_refused(**item["spec"])}})
            return
        path = f"{self.path}/{item['metadata']['name']}"
        item["metadata"]["resourceVersion"] = "1"
        OBJECTS[path] = {"status": {}, **item}
        self._answer(201, item)

    def do_PUT(self) -> None:
        OBJECTS[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200, OBJECTS[self.path])

    def do_DELETE(self) -> None:
        for path in [
            path for path in OBJECTS if f"{path}/".startswith(f"{self.path.rstrip('/')}/")
        ]:
            del OBJECTS[path]
        self._answer(200, {})

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a socket"

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(socketserver.ThreadingUnixStreamServer):
    request_queue_size = 64  # as many as are asked at once, and some


if __name__ == "__main__":
    [path] = [each.partition("=")[2] for each in sys.argv if each.startswith("--unix-socket=")]
    with Server(path, Handler) as server:
        server.serve_forever()
