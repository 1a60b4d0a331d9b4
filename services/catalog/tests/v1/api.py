"""Facts about version 1 for the tests of every version."""

PRODUCTS = "/product/t-shirt/"
OTHER_PRODUCTS = "/products/"
"""Where another version has its pages."""
NAME = "name"
"""The field of a purchase that names the t-shirt."""
ERROR_TYPE = "application/json"
EMPTY_STOCK = "[]"
REFUSED = {400: 400, 409: 409, 413: 400, 422: 400}
"""The status of an order by the status that stock refuses it with; 502 for any other."""


def error_document(status, heading, advice):
    return {"error": f"{heading}. {advice}"}
