"""Services and Ingresses -> stable addresses and public host names."""

from __future__ import annotations

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import Address, Host
from release.targets.local.plan.labels import name_of


def address(item: Object) -> Address:
    ports: dict[str, str] = {}
    for port in item["spec"]["ports"]:
        target = str(port.get("targetPort", port["port"]))
        ports[str(port["port"])] = target
        if "name" in port:
            ports[port["name"]] = target
    labels = item["metadata"].get("labels", {})
    return Address(name_of(item), labels, item["spec"]["selector"], ports)


def hosts(item: Object) -> list[Host]:
    found = []
    for rule in item["spec"]["rules"]:
        paths = rule["http"]["paths"]
        if [(path["path"], path["pathType"]) for path in paths] != [("/", "Prefix")]:
            raise UnsupportedError(
                f"Ingress/{name_of(item)}: only the path / with pathType Prefix is understood"
            )
        backend = paths[0]["backend"]["service"]
        port = backend["port"].get("name") or str(backend["port"]["number"])
        found.append(Host(rule["host"], backend["name"], port))
    return found
