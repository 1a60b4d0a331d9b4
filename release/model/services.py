"""The services of the shop, declared once: the calls between them, and what each brings along.

The code of a service lies in services/<name>, its charts in charts/<name>/v<version>. Order, host
names, images, chart repositories, metrics and gates are derived from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Service:
    """One service. Its name is that of its folders, image, chart and hosts, and how its clients
    name themselves (`User-Agent: catalog/1.4.0`).
    """

    name: str
    application: str
    """Its name in pacts."""
    calls: tuple[str, ...] = ()
    """The services of its own release that it calls."""
    chart_repository_port: int | None = None
    """Where `make chart-repos` serves its chart, if it does."""
    database: str = ""
    """The name of the database that all its versions share; empty without one."""


SERVICES = (
    Service("stock", "Stock Service", chart_repository_port=8878, database="inventory"),
    Service("catalog", "Catalog App", calls=("stock",)),
)
"""Providers before the services that call them."""
NAMES = tuple(service.name for service in SERVICES)
FRONT = SERVICES[-1]
"""The service that visitors call. A release is installed from its chart, which has those of the
others as dependencies.
"""
IMAGES = (*NAMES, "notice")
"""Everything that an image is made of."""


def callers(name: str) -> tuple[str, ...]:
    """Return the services that call one, in the same release."""
    return tuple(service.name for service in SERVICES if name in service.calls)


def release_values(components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Arrange the values of each service for the chart that a release is installed from."""
    others = {name: values for name, values in components.items() if name != FRONT.name}
    return {**components[FRONT.name], **others}
