"""`python3 -m chart_repository`: serves the folder CHARTS at BIND_ADDRESS and PORT."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from chart_repository.server import Server, read


def main() -> int:
    """Exit code: 0 when told to stop, 2 when the settings are wrong."""
    # Process 1 of a container ignores what it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address = os.environ.get("BIND_ADDRESS", "127.0.0.1")
    port, folder = os.environ.get("PORT", ""), os.environ.get("CHARTS", "")
    try:
        server = Server((address, int(port)), read(Path(folder)))
    except (OSError, OverflowError, ValueError) as error:
        print(f"chart_repository: PORT={port} CHARTS={folder}: {error}", file=sys.stderr)
        return 2
    server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
