"""`python3 -m chart_repository`: serves the folder CHARTS at BIND_ADDRESS and PORT."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from .server import ChartServer, read_files


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
