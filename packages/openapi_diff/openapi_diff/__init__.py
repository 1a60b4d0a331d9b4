"""Compares two OpenAPI descriptions: which changes can be seen on the wire and break consumers."""

from .changes import Change
from .comparison import breaking, compare
from .documents import DescriptionError

__all__ = ["Change", "DescriptionError", "breaking", "compare"]
