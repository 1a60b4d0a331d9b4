"""Metrics, probes, request ids, fault injection and a hardened server for a Flask application.

Call `instrument` on the application before its routes are added, and run it with
`gunicorn --config python:instrumentation.gunicorn_conf`. `instrumentation.body.read_json` reads the
JSON of a request; `instrumentation.environment.Environment` reads a service's own settings.
"""

from .application import Instrumentation, instrument, load_version
from .environment import Environment, SettingsError
from .remote_calls import RemoteCalls
from .settings import Settings
from .tracing import outgoing_headers

__all__ = [
    "Environment",
    "Instrumentation",
    "RemoteCalls",
    "Settings",
    "SettingsError",
    "instrument",
    "load_version",
    "outgoing_headers",
]
