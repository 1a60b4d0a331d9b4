"""Facts about version 2 for the tests of every version."""

PRODUCTS = "/products/"
OTHER_PRODUCTS = "/product/t-shirt/"
"""Where another version has its pages."""
NAME = "sku"
"""The field of a purchase that names the t-shirt."""
ERROR_TYPE = "application/problem+json"
EMPTY_STOCK = '{"items": [], "next": null}'
REFUSED = {400: 400, 409: 409, 413: 400, 422: 409}
"""The status of an order by the status that stock refuses it with; 502 for any other."""


def error_document(status, heading, advice):
    return {"title": heading, "status": status, "detail": advice}
