"""Kubernetes objects, as charts render them and API servers return them."""

from typing import Any

Object = dict[str, Any]
