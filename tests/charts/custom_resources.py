"""The Prometheus Operator's own definitions of its resources, as strict validators."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"


class Loader(yaml.CSafeLoader):
    """Takes a lone `=`, which the definitions list among matchers, for the text that it is."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def folder() -> Path | None:
    """The folder CRDS, or the operator's Go module; None where there is neither."""
    if given := os.environ.get("CRDS"):
        return Path(given)
    go = shutil.which("go")
    if not go:
        return None
    module = subprocess.run([go, "mod", "download", "-json", OPERATOR], capture_output=True)
    if module.returncode != 0:
        return None
    return Path(json.loads(module.stdout)["Dir"]) / "example/prometheus-operator-crd"


def validators(definitions: Path) -> Mapping[str, Draft202012Validator]:
    """By kind, of version v1."""
    found = {}
    for file in definitions.glob("monitoring.coreos.com_*.yaml"):
        spec = yaml.load(file.read_text(), Loader)["spec"]
        for version in spec["versions"]:
            if version["name"] == "v1":
                schema = closed(version["schema"]["openAPIV3Schema"])
                # Like the API server, this leaves metadata to Kubernetes itself.
                schema["properties"]["metadata"] = {"type": "object"}
                found[spec["names"]["kind"]] = Draft202012Validator(schema)
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
