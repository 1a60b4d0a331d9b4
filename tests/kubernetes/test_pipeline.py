"""What a pipeline calls after a deploy."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kubernetes.cluster import RELEASE, Shop


def threads(shop: Shop) -> str:
    deployments = shop.get(shop.names.version(2), "deployments")
    [catalog] = [one for one in deployments if one["metadata"]["name"] == "catalog"]
    [container] = catalog["spec"]["template"]["spec"]["containers"]
    return next(str(each["value"]) for each in container["env"] if each["name"] == "THREADS")


def test_a_release_is_asked_what_it_describes(live: Shop) -> None:
    said = live.make("smoke-test", VERSION=1).stdout
    assert f"catalog.v1.{live.names.domain}" in said
    assert "/t-shirt " in said
    missing = live.make("smoke-test", check=False, VERSION=1, NAMESPACE=live.elsewhere)
    assert f"{live.elsewhere} is not deployed" in missing.stderr


def test_a_release_returns_to_what_it_was(live: Shop, tmp_path: Path) -> None:
    before = threads(live)
    changed = tmp_path / "values.yaml"
    changed.write_text(json.dumps({"threads": 9}))
    live.deploy(2, VALUES=f"{RELEASE},{changed}")
    assert threads(live) == "9"
    said = live.make("undo", VERSION=2).stderr
    assert f"{live.names.version(2)} is again as it was in revision" in said
    assert threads(live) == before
    assert live.ask("catalog.v2").status_code == 200
