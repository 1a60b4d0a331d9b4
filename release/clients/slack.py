"""Tells a Slack channel one thing. The webhook's address is a secret, and never shown."""

from __future__ import annotations

import requests

from release.errors import ReleaseError

_SECONDS = 10.0


def notify(webhook: str, channel: str, text: str) -> None:
    """Raises ReleaseError when it was not heard."""
    message = {"channel": channel, "text": text}
    try:
        answer = requests.post(webhook, json=message, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        # Its words would show the address.
        raise ReleaseError(f"{channel} was not told: {type(error).__name__}") from None
    if answer.status_code != 200:
        raise ReleaseError(f"{channel} was not told: the webhook answered {answer.status_code}")
