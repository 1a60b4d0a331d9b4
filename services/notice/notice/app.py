"""The notice service as a WSGI application."""

import os
from collections.abc import Mapping

from flask import Flask

from instrumentation import Settings, instrument

from . import answers
from .settings import Notices


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The application; raises SettingsError with one line when the environment does not suffice."""
    settings = Settings.from_environment("notice", environ)
    notices = Notices.from_environment(environ)
    app = Flask("notice", static_folder=None)
    instrument(app, settings, ready=lambda: None, may_be_pinned=False)
    answers.init_app(app, notices)
    return app
