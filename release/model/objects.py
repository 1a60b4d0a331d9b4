"""Kubernetes objects, as charts render them and API servers return them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
