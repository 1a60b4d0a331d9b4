"""Replays a pact against stock and judges the results."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pact import Verifier

from verifying.explanation import explain
from verifying.server import DidNotStart, serving
from verifying.states import STATES

PROVIDER = "Stock Service"
RESPONSE_TIMEOUT = 30_000  # milliseconds


def verdict(pact: Path, log: Path) -> tuple[str, str]:
    """Return the outcome and, unless it is yes, the reason. The pact must be well-formed."""
    interactions = json.loads(pact.read_bytes())["interactions"]
    for interaction in interactions:
        for name in _states(interaction):
            if name not in STATES:
                return "no", f"{interaction['description']}: stock knows no state {name!r}"
    try:
        with serving(log) as (url, states):
            results = _replay(pact, url, states)
    except DidNotStart as error:
        return "unknown", f"stock does not start: {error}"
    return explain(results, len(interactions))


def _states(interaction: dict[str, Any]) -> list[str]:
    single = interaction.get("providerState", interaction.get("provider_state"))
    many = interaction.get("providerStates") or []
    return [name for name in [single, *(state["name"] for state in many)] if name]


def _replay(pact: Path, url: str, states: str) -> dict[str, Any]:
    verifier = Verifier(PROVIDER, host="127.0.0.1").add_transport(url=url).add_source(pact)
    verifier.state_handler(f"{url}{states}", teardown=True, body=True)
    # Judge stock's own responses: follow no redirects, and allow for a busy machine.
    verifier.follow_redirects(False).set_request_timeout(RESPONSE_TIMEOUT)
    # Raised for a mismatch and for other failures; the results hold the details.
    with suppress(RuntimeError):
        verifier.verify()
    return verifier.results
