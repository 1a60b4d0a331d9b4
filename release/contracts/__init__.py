"""Consumer-driven contracts: what consumers need of stock, and which versions satisfy them.

A pact that does not hold is a VerificationResult; an unusable file raises ContractError.
"""

from release.contracts.consumers import (
    catalog_consumer,
    named_in_metrics,
    unmigrated_consumers,
)
from release.contracts.matrix import as_json, check_consumers, verify_matrix
from release.contracts.pact import ContractError
from release.contracts.result_cache import Outcome, VerificationResult

__all__ = [
    "ContractError",
    "Outcome",
    "VerificationResult",
    "as_json",
    "catalog_consumer",
    "check_consumers",
    "named_in_metrics",
    "unmigrated_consumers",
    "verify_matrix",
]
