"""The definitions that the Prometheus Operator and Traefik publish, as strict validators."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

# Go module -> the file, or the folder of files, that holds its definitions.
PUBLISHED = {
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd"
    ),
    "github.com/traefik/traefik/v3@v3.7.13": (
        "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"
    ),
}


class Loader(yaml.CSafeLoader):
    """Takes a lone `=`, which the definitions list among matchers, for the text that it is."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def files() -> list[Path] | None:
    """Those of the folder CRDS, or of the Go modules; None where there is neither."""
    if given := os.environ.get("CRDS"):
        return sorted(Path(given).rglob("*.y*ml"))
    go = shutil.which("go")
    if not go:
        return None
    found: list[Path] = []
    for module, place in PUBLISHED.items():
        done = subprocess.run([go, "mod", "download", "-json", module], capture_output=True)
        if done.returncode != 0:
            return None
        published = Path(json.loads(done.stdout)["Dir"]) / place
        found += sorted(published.glob("*.yaml")) if published.is_dir() else [published]
    return found


def validators(definitions: Iterable[Path]) -> Mapping[str, Draft202012Validator]:
    """By apiVersion and kind, as in `monitoring.coreos.com/v1 Prometheus`."""
    found = {}
    for file in definitions:
        for document in yaml.load_all(file.read_text(), Loader):
            if not document or document["kind"] != "CustomResourceDefinition":
                continue
            spec = document["spec"]
            for version in spec["versions"]:
                schema = closed(version["schema"]["openAPIV3Schema"])
                # Like the API server, this leaves metadata to Kubernetes itself.
                schema["properties"]["metadata"] = {"type": "object"}
                kind = f"{spec['group']}/{version['name']} {spec['names']['kind']}"
                found[kind] = Draft202012Validator(schema)
    return found


def closed(schema: Any) -> Any:
    """A copy that refuses unknown fields, which an API server would drop without a word."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    opaque = schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") == "object" and "properties" in schema and not opaque:
        strict.setdefault("additionalProperties", False)
    return strict
