"""What a service needs to be released on evidence.

Call `instrument` on the Flask application before its routes are added, run it with
`gunicorn --config python:instrumentation.gunicorn_conf`, and it has metrics, probes, request ids
and, for rehearsals, faults. `instrumentation.body.read_json` reads a request's JSON whatever the
client sends; `instrumentation.environment.Environment` reads a service's own settings.
"""

from .application import Instrumentation, instrument
from .environment import Environment, SettingsError
from .remote_calls import RemoteCalls
from .settings import Settings
from .tracing import outgoing_headers
from .versions import load_version

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
