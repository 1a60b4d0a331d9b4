"""Kubernetes objects, as charts render them and API servers answer them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
