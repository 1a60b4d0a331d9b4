"""What can be wrong with contracts themselves; a pact that does not hold is a verdict, no error.

ReleaseError            (release.errors) exit code 1
|-- BrokerError         a Pact Broker does not do what it is asked
`-- UsageError          exit code 2
    `-- ContractError   a file that is no pact, or a consumer that nobody described
"""

from __future__ import annotations

from release.errors import ReleaseError, UsageError


class BrokerError(ReleaseError):
    """A Pact Broker cannot be reached, or refuses."""


class ContractError(UsageError):
    """A file below contracts/, or the one that PACT names, cannot be used."""
