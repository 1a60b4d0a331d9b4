"""Label values: each is one of a fixed set, none ever comes raw from a request."""

from collections.abc import Iterable

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SUCCESSES = {"200", "201", "204", "206", "303", "304", "308"}
_MISTAKES = {"400", "404", "405", "406", "409", "410", "412", "413", "415", "416", "422", "429"}
_FAILURES = {"500", "502", "503", "504"}
STATUSES = frozenset(_SUCCESSES | _MISTAKES | _FAILURES)
UNMATCHED = "unmatched"
OTHER = "other"


def method(given: str) -> str:
    """A known method, or `other`."""
    return given if given in METHODS else OTHER


def status(given: str) -> str:
    """A known status, or its class: an unusual 507 is `5xx`, which `status=~"5.."` still finds."""
    if given in STATUSES:
        return given
    return f"{given[0]}xx" if given[:1] in tuple("12345") else OTHER


def consumers_by_product(consumers: Iterable[str]) -> dict[str, str]:
    """The consumer named by a User-Agent's first product: `catalog/1.4.0` is `catalog`.

    Every browser calls itself Mozilla first, for historical reasons.
    """
    return {"Mozilla": "browser", **{name: name for name in consumers}}
