"""What the internal port has, asked of a running one."""

from __future__ import annotations

import ast
import inspect
import re
from http.client import HTTPConnection

from instrumentation import management_port
from tests.docs import truth


def endpoints() -> set[str]:
    """`METHOD /path` of everything that is neither 404 nor 405."""
    port = truth.app("stock", "1").extensions["instrumentation"].open_management_port()
    port.start()
    try:
        return {
            f"{method} {path}"
            for path in _matched_paths()
            for method in ("GET", "POST", "DELETE")
            if _asked(port.server_port, method, path) not in (404, 405)
        }
    finally:
        port.shutdown()
        port.server_close()


def _matched_paths() -> set[str]:
    """Every path that the code behind the port compares with."""
    tree = ast.parse(inspect.getsource(management_port))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"/[a-z]+", text)}


def _asked(port: int, method: str, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    status = connection.getresponse().status
    connection.close()
    return status
