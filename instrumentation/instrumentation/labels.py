"""Label values: each is one of a fixed set, none ever comes raw from a request."""

from collections.abc import Iterable

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
STATUSES = (
    *("200", "201", "202", "204", "206", "301", "302", "303", "304", "307", "308"),
    *("400", "401", "403", "404", "405", "406", "408", "409", "410", "411", "412", "413", "414"),
    *("415", "416", "417", "422", "428", "429", "431", "500", "501", "502", "503", "504"),
)
OTHER = "other"
UNMATCHED = "unmatched"


def bounded(values: Iterable[str]) -> dict[str, str]:
    """A look-up that gives a known value back; use `.get(value, OTHER)`."""
    return {value: value for value in values}


def consumers_by_product(consumers: Iterable[str]) -> dict[str, str]:
    """The consumer named by a User-Agent's first product: `catalog/1.4.0` is `catalog`.

    Every browser calls itself Mozilla first, for historical reasons.
    """
    return {"Mozilla": "browser", **{name: name for name in consumers}}
