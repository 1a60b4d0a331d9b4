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
    said = live.tool("smoke-test", VERSION=1).stdout
    assert f"catalog.v1.{live.names.domain}" in said
    assert "/t-shirt " in said
    missing = live.tool("smoke-test", check=False, VERSION=1, NAMESPACE=live.elsewhere)
    assert f"{live.elsewhere} is not deployed" in missing.stderr


def test_a_release_returns_to_what_it_was(live: Shop, tmp_path: Path) -> None:
    before = threads(live)
    changed = tmp_path / "values.yaml"
    changed.write_text(json.dumps({"threads": 9}))
    live.deploy(2, VALUES=f"{RELEASE},{changed}")
    assert threads(live) == "9"
    said = live.make("undo", VERSION=2).stderr
    assert f"release {live.names.version(2)} is back at revision" in said
    assert threads(live) == before
    assert live.ask("catalog.v2").status_code == 200


def test_what_it_was_may_not_start_any_more(live: Shop, tmp_path: Path) -> None:
    """The revision before needs a Secret that is gone meanwhile; the one that runs goes on."""
    namespace = live.names.version(2)
    [url] = [
        each["data"]["url"]
        for each in live.get(namespace, "secrets")
        if each["metadata"]["name"] == "stock-database"
    ]
    second = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "second"}}
    live.kubectl(
        "-n", namespace, "create", "-f", "-", stdin=json.dumps({**second, "data": {"url": url}})
    )
    changed = tmp_path / "values.yaml"
    changed.write_text(json.dumps({"stock": {"database": {"secretName": "second"}}}))
    live.deploy(2, VALUES=f"{RELEASE},{changed}")
    live.deploy(2)
    live.kubectl("-n", namespace, "delete", "secret", "second")
    said = live.make("undo", check=False, VERSION=2).stderr
    assert f"error: {namespace} did not become ready as it was in revision" in said
    assert 'CreateContainerConfigError: secret "second" not found' in said
    assert " keeps running" in said
    assert live.ask("stock.v2", "/t-shirts").status_code == 200
    report = json.loads(live.make("status", JSON=1).stdout)
    [release] = [each for each in report["releases"] if each["namespace"] == namespace]
    assert {each["state"] for each in release["processes"]} <= {"running", "leaving"}
