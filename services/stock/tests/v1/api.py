"""Facts about version 1 for the tests of every version."""

LIST = "/t-shirt"
NAME, LEFT = "name", "quantity"
ERROR_TYPE = "application/json"


def item_path(name="surfer-t-shirt"):
    return f"/t-shirt/{name}"


def purchase_path(name="surfer-t-shirt"):
    return f"/t-shirt/{name}/purchase"


def items(document):
    return document


def error_message(document):
    return document["error"]
