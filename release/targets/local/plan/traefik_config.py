"""Services, Ingresses, IngressRoutes and TraefikServices -> Traefik's dynamic configuration.

Traefik plays kube-proxy as well. The internal entry point needs no name, since names ending in
.localhost do not resolve everywhere: http://127.0.0.1:<internal port>/<namespace>/<service>/.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import Address, name_of

# A crashed process stays in the routes until it is back. A request that cannot be sent to it goes
# to another process, as in a cluster; a request that was sent is never repeated.
_RETRY = {"attempts": 10, "initialInterval": "50ms"}

_HOST = re.compile(r"\bHost\(`([^`]+)`\)")


def qualified_name(namespace: str, *parts: str) -> str:
    """Return the name of a part of a release. Dots keep the namespaces qv1 and qv1-copy apart."""
    return ".".join((namespace, *parts))


def to_address(item: Object) -> Address:
    ports: dict[str, str] = {}
    for port in item["spec"]["ports"]:
        target = str(port.get("targetPort", port["port"]))
        ports[str(port["port"])] = target
        if "name" in port:
            ports[port["name"]] = target
    labels = item["metadata"].get("labels", {})
    return Address(name_of(item), labels, item["spec"]["selector"], ports)


def check_port(addresses: Sequence[Address], service: str, port: str, where: str) -> None:
    """Refuse a reference to a Service's port that does not exist."""
    if not any(address.name == service and port in address.ports for address in addresses):
        raise UnsupportedError(f"{where}: there is no Service/{service} with port {port!r}")


def to_public_hosts(by_kind: Mapping[str, Sequence[Object]]) -> tuple[str, ...]:
    """Return every host name for people, once each; routes to a notice are left out."""
    hosts = [rule["host"] for item in by_kind["Ingress"] for rule in item["spec"]["rules"]]
    for item in by_kind["IngressRoute"]:
        for rule in item["spec"]["routes"]:
            if rule["services"][0].get("kind") == "TraefikService":
                hosts += re.findall(_HOST, rule["match"])
    return tuple(dict.fromkeys(hosts))


def to_routing(
    by_kind: Mapping[str, Sequence[Object]], namespace: str, addresses: Sequence[Address]
) -> dict[str, dict[str, Any]]:
    """Return routers, weighted services and middlewares by name; processes are not in it yet.

    Raises UnsupportedError for a reference to something that the release does not have.
    """
    name = partial(qualified_name, namespace)
    services = {
        name(name_of(item)): {"weighted": _to_weighted(item["spec"]["weighted"], namespace)}
        for item in by_kind["TraefikService"]
    }
    middlewares = {name(name_of(item)): item["spec"] for item in by_kind["Middleware"]}
    routers: dict[str, Any] = {}
    for item in by_kind["IngressRoute"]:
        for index, rule in enumerate(item["spec"]["routes"]):
            where = f"IngressRoute/{name_of(item)}.{index}"
            _check_rule(rule, by_kind, namespace, addresses, where)
            routers[name(name_of(item), str(index))] = {
                "entryPoints": item["spec"].get("entryPoints", []),
                "rule": rule["match"],
                "priority": rule.get("priority", 0),
                "middlewares": [name(each["name"]) for each in rule.get("middlewares", ())],
                "service": _service_name(rule["services"][0], namespace),
            }
    retry = name("elsewhere")
    if by_kind["Ingress"] or addresses:
        middlewares[retry] = {"retry": _RETRY}
    for item in by_kind["Ingress"]:
        for host, service, port in _to_hosts(item):
            check_port(addresses, service, port, f"host {host}")
            routers[name("host", host)] = {
                "entryPoints": ["web"],
                "rule": f"Host(`{host}`)",
                "middlewares": [retry],
                "service": name(service, port),
            }
    for address in addresses:
        prefix = f"/{namespace}/{address.name}"
        internal = name(address.name, "internal")
        middlewares[internal] = {"stripPrefix": {"prefixes": [prefix]}}
        routers[internal] = {
            "entryPoints": ["internal"],
            "rule": f"PathPrefix(`{prefix}/`)",
            "middlewares": [internal, retry],
            "service": name(address.name, next(iter(address.ports))),
        }
    return {"routers": routers, "services": services, "middlewares": middlewares}


def _to_weighted(weighted: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    shares = [
        {"name": _service_name(service, namespace), "weight": service.get("weight", 1)}
        for service in weighted["services"]
    ]
    return {**weighted, "services": shares}


def _service_name(reference: Mapping[str, Any], namespace: str) -> str:
    if reference.get("kind") == "TraefikService":
        return qualified_name(namespace, reference["name"])
    owner = reference.get("namespace", namespace)
    return qualified_name(owner, reference["name"], str(reference["port"]))


def _check_rule(
    rule: Mapping[str, Any],
    by_kind: Mapping[str, Sequence[Object]],
    namespace: str,
    addresses: Sequence[Address],
    where: str,
) -> None:
    services = rule["services"]
    if len(services) != 1:
        raise UnsupportedError(f"{where}: {len(services)} services in a rule; name one")
    service = services[0]
    if service.get("kind") == "TraefikService":
        if service["name"] not in map(name_of, by_kind["TraefikService"]):
            raise UnsupportedError(f"{where}: no TraefikService/{service['name']}")
    elif service.get("namespace", namespace) == namespace:
        check_port(addresses, service["name"], str(service["port"]), where)
    for middleware in rule.get("middlewares", ()):
        if middleware["name"] not in map(name_of, by_kind["Middleware"]):
            raise UnsupportedError(f"{where}: there is no Middleware/{middleware['name']}")


def _to_hosts(ingress: Object) -> Iterator[tuple[str, str, str]]:
    """Yield each host with the name and the port of its Service."""
    for rule in ingress["spec"]["rules"]:
        paths = rule["http"]["paths"]
        if [(path["path"], path["pathType"]) for path in paths] != [("/", "Prefix")]:
            raise UnsupportedError(
                f"Ingress/{name_of(ingress)}: only the path / with pathType Prefix is understood"
            )
        service = paths[0]["backend"]["service"]
        port = service["port"].get("name") or str(service["port"]["number"])
        yield rule["host"], service["name"], port
