"""Facts about version 2 for the tests of every version."""

LIST = "/t-shirts"
NAME, LEFT = "sku", "available"
ERROR_TYPE = "application/problem+json"


def item_path(name="surfer-t-shirt"):
    return f"/t-shirts/{name}"


def purchase_path(name="surfer-t-shirt"):
    return f"/t-shirts/{name}/purchases"


def items(document):
    return document["items"]


def error_message(document):
    return document["detail"]
