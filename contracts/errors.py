"""What can be wrong with contracts themselves; a pact that does not hold is a verdict, no error.

UsageError          (release.errors) exit code 2
`-- ContractError   a file that is no pact, or a consumer that nobody described
"""

from __future__ import annotations

from release.errors import UsageError


class ContractError(UsageError):
    """A file below contracts/, or the one that PACT names, cannot be used."""
