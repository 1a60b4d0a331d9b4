"""Label values from fixed sets: none is copied from a request."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SUCCESS = (200, 201, 204, 206, 303, 304, 308)
_CLIENT_ERROR = (400, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 429)
_SERVER_ERROR = (500, 502, 503, 504)
STATUSES = frozenset(map(str, _SUCCESS + _CLIENT_ERROR + _SERVER_ERROR))
UNMATCHED = "unmatched"
OTHER = "other"


def status_label(status: str) -> str:
    """Return a known status, or its class: 507 becomes `5xx`, which `status=~"5.."` matches."""
    if status in STATUSES:
        return status
    return f"{status[0]}xx" if status[:1] in tuple("12345") else OTHER
