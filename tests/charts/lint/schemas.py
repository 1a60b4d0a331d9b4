"""What Kubernetes, the Prometheus Operator and Traefik accept, as schemas that kubeconform reads.

All refuse unknown fields, which an API server would drop without a word.
"""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from tests.charts.lint import go_modules

KUBERNETES = "1.34.0"
# Go module -> the file, or the folder of files, that holds its definitions.
PUBLISHED = {
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd"
    ),
    "github.com/traefik/traefik/v3@v3.7.13": (
        "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"
    ),
}
METADATA = {"$ref": "_definitions.json#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}


class Loader(yaml.CSafeLoader):
    """Takes a lone `=`, which the definitions list among matchers, for the text that it is."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def write(folder: Path) -> str:
    """Fill a folder, and say how kubeconform finds the schema of an object there.

    Raises ToolError when the definitions of custom resources cannot be had.
    """
    folder.mkdir(exist_ok=True)
    for name, schema in of_kubernetes():
        (folder / name).write_text(schema)
    for name, schema in of_custom_resources():
        (folder / name).write_text(schema)
    return f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"


def of_kubernetes() -> Iterator[tuple[str, str]]:
    """Those of the Python package kubernetes-validate, by file."""
    package = resources.files("kubernetes_validate")
    for file in (package / "kubernetes-json-schema" / f"v{KUBERNETES}-local-strict").iterdir():
        # They refer to one another by addresses of a web site; here, by the names of files.
        schema = json.loads(file.read_text().replace('"/api/_definitions', '"_definitions'))
        schema.pop("$id", None)
        yield file.name, json.dumps(schema)


def of_custom_resources() -> Iterator[tuple[str, str]]:
    """Those that the Prometheus Operator and Traefik publish, by file."""
    for module, place in PUBLISHED.items():
        published = go_modules.module(module) / place
        for file in published.glob("*.yaml") if published.is_dir() else [published]:
            for definition in yaml.load_all(file.read_text(), Loader):
                if definition and definition["kind"] == "CustomResourceDefinition":
                    yield from of_versions(definition["spec"])


def of_versions(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind, group = spec["names"]["kind"].lower(), spec["group"].partition(".")[0]
    for version in spec["versions"]:
        schema = closed(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = METADATA
        yield f"{kind}-{group}-{version['name']}.json", json.dumps(schema)


def closed(schema: Any) -> Any:
    """A copy that refuses unknown fields."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    opaque = schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") == "object" and "properties" in schema and not opaque:
        strict.setdefault("additionalProperties", False)
    return strict
