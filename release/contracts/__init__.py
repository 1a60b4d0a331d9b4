"""Consumer-driven contracts: who needs what of stock, and which pairs go together.

Gates ask `compatible`, `everybody_needing` and `left_behind`; `matrix` is the whole picture. A pact
that does not hold is a VerificationResult; files that cannot be used raise ContractError.
"""

from release.contracts.compatibility import Need, compatible, everybody_needing, left_behind
from release.contracts.consumers import named_in_metrics
from release.contracts.errors import ContractError
from release.contracts.matrix import Pair, matrix
from release.contracts.result_cache import Outcome, VerificationResult

__all__ = [
    "ContractError",
    "Need",
    "Outcome",
    "Pair",
    "VerificationResult",
    "compatible",
    "everybody_needing",
    "left_behind",
    "matrix",
    "named_in_metrics",
]
