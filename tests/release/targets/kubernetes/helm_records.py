"""Revisions of releases, as Helm records them in a cluster."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from release.targets.kubernetes.client.kubernetes_api import Api


def record(
    api: Api,
    namespace: str,
    release: str,
    number: int = 1,
    *,
    status: str = "deployed",
    values: Mapping[str, Any] | None = None,
    chart: tuple[str, str] = ("catalog", "1.0.0"),
    labels: Mapping[str, str] | None = None,
    hooks: Sequence[str] = (),
    manifest: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write one; `labels` are those that somebody gave to Helm, `hooks` are kinds, and
    `manifest` has objects.
    """
    content = {
        "version": number,
        "info": {"status": status, "last_deployed": "2026-01-01T00:00:00Z"},
        "config": values or {},
        "chart": {"metadata": dict(zip(("name", "version"), chart, strict=True))},
        "manifest": "\n---\n".join(map(json.dumps, manifest)),
        "hooks": [{"kind": kind} for kind in hooks],
    }
    packed = b64encode(b64encode(gzip.compress(json.dumps(content).encode()))).decode()
    own = {"owner": "helm", "name": release, "status": status, "version": str(number)}
    name = f"sh.helm.release.v1.{release}.v{number}"
    body = {"metadata": {"name": name, "labels": {**own, **(labels or {})}}}
    api.create(f"/api/v1/namespaces/{namespace}/secrets", {**body, "data": {"release": packed}})
