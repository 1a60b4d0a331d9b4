"""The address of a Pact Broker and the credentials for it, from the environment alone. Secrets are
never shown.
"""

import re
from dataclasses import dataclass, field

from release.errors import UsageError

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?")


@dataclass(frozen=True)
class BrokerAccess:
    """A broker's address; a token, or a name and its password, or neither."""

    address: str
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)


def read_broker_access(**variables: str | None) -> BrokerAccess | None:
    """Return the broker that PACT_BROKER_* name, given in lower case; None without an address.

    Raises UsageError, naming no secret.
    """
    given = {name.upper(): text or "" for name, text in variables.items()}
    address = given["PACT_BROKER_BASE_URL"].rstrip("/")
    if not address:
        return None
    if not _ADDRESS.fullmatch(address) or len(address) > 500:
        raise UsageError(
            "PACT_BROKER_BASE_URL: give an address like https://broker.example, without "
            "credentials: they go into PACT_BROKER_TOKEN"
        )
    token, username, password = (
        _printable(name, given[name])
        for name in ("PACT_BROKER_TOKEN", "PACT_BROKER_USERNAME", "PACT_BROKER_PASSWORD")
    )
    if token and (username or password):
        raise UsageError(
            "PACT_BROKER_TOKEN: give either this, or PACT_BROKER_USERNAME and its password"
        )
    if bool(username) != bool(password):
        raise UsageError("PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD: give both or neither")
    return BrokerAccess(address, token, username, password)


def _printable(name: str, text: str) -> str:
    if not re.fullmatch(r"[!-~]{0,4000}", text):
        raise UsageError(f"{name} has characters that an HTTP header cannot hold")
    return text
