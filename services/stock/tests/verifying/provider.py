"""The stock application with a way to set up provider states, for a server in a verification."""

import os
from typing import Any

from flask import Flask, Request, Response, jsonify

from stock.app import create_app as create_stock
from verifying.states import STATES, reset


def create_app() -> Flask:
    """Return the application of API_VERSION; POST {"state", "action", "params"} to STATE_PATH.

    STATE_PATH is an address that nobody can guess, or a pact could set up states as a consumer.
    """
    app = create_stock()
    path, stock = os.environ["STATE_PATH"], app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != path:
            return stock(environ, start_response)
        return _change_state(app, Request(environ).get_json())(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]
    return app


def _change_state(app: Flask, change: dict[str, Any]) -> Response:
    with app.app_context():
        try:
            if change["action"] == "teardown":
                reset(app)
            # An interaction that names no state is announced too, as the state without a name.
            elif change["state"]:
                return jsonify(STATES[change["state"]](app, change.get("params") or {}) or {})
        except Exception as error:
            app.logger.error("the state %r cannot be set up", change["state"], exc_info=error)
            answer = jsonify(error=str(error))
            # After a server error the verifier would retry, at growing intervals.
            answer.status_code = 409
            return answer
        return jsonify({})
