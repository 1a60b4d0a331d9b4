"""The parsers of version 2's JSON."""

from typing import Any

from ..api_client import Language, Receipt, Shirt


def _shelf(document: Any) -> list[Shirt]:
    document["next"]
    return [_shirt(one) for one in document["items"] if one["href"] is not None]


def _shirt(document: Any) -> Shirt:
    int(document["price"]["amount"])
    str(document["price"]["currency"])
    int(document["available"])
    return Shirt(str(document["sku"]), str(document["href"]))


def _receipt(document: Any) -> Receipt:
    int(document["remaining"])
    return Receipt(str(document["sku"]), int(document["quantity"]))


def _refusal(document: Any) -> str:
    return str(document["title"])


LANGUAGE = Language(
    version=2,
    shelf=_shelf,
    shirt=_shirt,
    receipt=_receipt,
    refusal=_refusal,
    keyed=True,
)
