"""The parsers of version 1's JSON."""

from typing import Any

from ..api_client import ExternalConsumer, Language, Receipt, Shirt


def _shelf(document: Any) -> list[Shirt]:
    return [_shirt(one) for one in document["t-shirts"] if one["href"] is not None]


def _shirt(document: Any) -> Shirt:
    float(document["price"])
    int(document["quantity"])
    return Shirt(str(document["name"]), str(document["href"]))


def _receipt(document: Any) -> Receipt:
    int(document["remaining"])
    return Receipt(str(document["name"]), int(document["quantity"]))


def _refusal(document: Any) -> str:
    return str(document["error"])


def _count(document: Any) -> dict[str, int]:
    return {str(one["name"]): int(one["quantity"]) for one in document}


LANGUAGE = Language(
    version=1,
    shelf=_shelf,
    shirt=_shirt,
    receipt=_receipt,
    refusal=_refusal,
    keyed=False,
    # It has a contract with stock, under contracts/external.
    external_consumers=(ExternalConsumer("warehouse-report/1.0", "stock", "/t-shirt", _count),),
)
