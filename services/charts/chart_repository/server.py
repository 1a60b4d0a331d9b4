"""The server. It reads its files once, so no request reaches the file system."""

from __future__ import annotations

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KINDS = {".yaml": "application/yaml", ".tgz": "application/gzip"}


class ChartServer(ThreadingHTTPServer):
    """Serves `files`, by path."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], files: Mapping[str, bytes]) -> None:
        self.files = files
        super().__init__(address, ChartRequestHandler)


class ChartRequestHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD of a known path; refuses any other request."""

    server: ChartServer
    protocol_version = "HTTP/1.1"
    server_version = "charts"
    sys_version = ""
    timeout = 30
    """Seconds until the connection of a silent client is closed."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        body = self.server.files.get(self.path.partition("?")[0])
        status, kind = (200, KINDS[Path(self.path.partition("?")[0]).suffix]) if body else (404, "")
        body = body or b"not found\n"
        self.send_response(status)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a repository, by path; raise FileNotFoundError if it has no index."""
    files = {
        f"/{path.name}": path.read_bytes()
        for path in folder.iterdir()
        if path.suffix in KINDS and path.is_file()
    }
    if "/index.yaml" not in files:
        raise FileNotFoundError(f"{folder} has no index.yaml")
    return files
