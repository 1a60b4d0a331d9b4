"""Sends messages to Slack channels. The webhook's address is a secret, and is never shown."""

import requests

from release.errors import ReleaseError

_SECONDS = 10.0


def notify(webhook: str, channel: str, text: str) -> None:
    """Post a message to a channel. Raises ReleaseError when Slack does not take it."""
    message = {"channel": channel, "text": text}
    try:
        # Not by our own session: the way to Slack may lead through the caller's proxy.
        answer = requests.post(webhook, json=message, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        # The error's own text would show the address.
        reason = type(error).__name__
        raise ReleaseError(f"the message to {channel} was not sent: {reason}") from None
    if answer.status_code != 200:
        raise ReleaseError(
            f"the message to {channel} was not sent: the webhook answered {answer.status_code}"
        )
