"""Serves the folder CHARTS at BIND_ADDRESS and PORT: `python3 -m chart_repository`.

It reads the files once, so no request reaches the file system.
"""

import os
import signal
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KINDS = {".yaml": "application/yaml", ".tgz": "application/gzip"}


class ChartServer(ThreadingHTTPServer):
    """Serves `files`, by path."""

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
        path = self.path.partition("?")[0]
        body = self.server.files.get(path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", KINDS[Path(path).suffix] if body else "text/plain")
        body = body or b"not found\n"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET


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


def main() -> int:
    """Return 0 when it was stopped, 2 if the settings are wrong."""
    # Process 1 of a container ignores signals without a handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address = os.environ.get("BIND_ADDRESS", "127.0.0.1")
    port, folder = os.environ.get("PORT", ""), os.environ.get("CHARTS", "")
    try:
        server = ChartServer((address, int(port)), read_files(Path(folder)))
    except (OSError, OverflowError, ValueError) as error:
        print(f"chart_repository: PORT={port} CHARTS={folder}: {error}", file=sys.stderr)
        return 2
    server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
