"""Whoever has the rights that `make doctor` asks for, and no others, can release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release.targets.kubernetes.admin import permissions
from tests.kubernetes.cluster import ENTRYPOINT, RELEASE, Shop, of_another

ROBOT = "release-robot"


@pytest.fixture
def robot(merged: Shop, space: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an account with exactly these rights."""
    merged.kubectl("--namespace", space, "create", "serviceaccount", ROBOT)
    given = [
        item
        for place, namespaces in permissions.places(merged.names, "traefik").items()
        for namespace in namespaces
        for item in role(merged, space, place, namespace)
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": given})
    merged.kubectl("apply", "-f", "-", stdin=listed)
    token = merged.kubectl("--namespace", space, "create", "token", ROBOT).strip()
    yield of_another(merged, tmp_path, {}, {"token": token})
    merged.kubectl("delete", "-f", "-", stdin=listed)


def role(shop: Shop, space: str, place: str, namespace: str) -> list[dict[str, Any]]:
    """The rights that are needed in a place, and who has them."""
    kind = "Role" if namespace else "ClusterRole"
    api = "rbac.authorization.k8s.io"
    metadata = {"name": f"{shop.names.shop}-{ROBOT}"}
    if namespace:
        metadata["namespace"] = namespace
    rules = [
        {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
        for group, resources, verbs, where in (*permissions.NEEDS, *permissions.REHEARSALS)
        if place in where
    ]
    account = {"kind": "ServiceAccount", "name": ROBOT, "namespace": space}
    bound = {"apiGroup": api, "kind": kind, "name": metadata["name"]}
    common = {"apiVersion": f"{api}/v1", "metadata": metadata}
    return [
        {**common, "kind": kind, "rules": rules},
        {**common, "kind": f"{kind}Binding", "subjects": [account], "roleRef": bound},
    ]


def test_they_suffice_for_a_release(merged: Shop, robot: dict[str, str]) -> None:
    said = merged.make("doctor", environment=robot, check=False).stdout
    assert "fine     your rights: all that a release needs" in said
    assert "rehearsals" not in said
    merged.make("deploy", VERSION=1, VALUES=RELEASE, environment=robot)
    merged.make("merge", WEIGHT=20, VALUES=ENTRYPOINT, environment=robot)
    merged.make("rollback", environment=robot)
    merged.make("fault", VERSION=1, SERVICE="stock", OFF=1, environment=robot)
    merged.make("logs", VERSION=1, SERVICE="prometheus-stock", environment=robot)
    merged.make("undo", VERSION=1, environment=robot)
    assert merged.names.version(1) in merged.make("status", environment=robot).stdout
    for service, path in (("catalog", "/"), ("stock", "/t-shirt")):
        assert merged.ask(f"{service}.v1", path).status_code == 200
