"""Compares two OpenAPI descriptions: lists what changed on the wire, and what breaks consumers."""

from openapi_diff.changes import Change
from openapi_diff.comparison import breaking, compare
from openapi_diff.documents import DescriptionError

__all__ = ["Change", "DescriptionError", "breaking", "compare"]
