"""Who has a contract with stock: catalog's versions, and consumers outside this repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from release import paths
from release.contracts import pact
from release.contracts.errors import ContractError
from release.contracts.pact import Pact
from release.model import services

OWN, EXTERNAL = paths.ROOT / "contracts" / "pacts", paths.ROOT / "contracts" / "external"
OWNERS = "owners.yaml"
FIELDS = {"pact", "name", "contact", "needs"}


@dataclass(frozen=True)
class Consumer:
    """`needs` is the major version of stock that it lives with; `contact` who to talk to."""

    name: str
    contact: str
    needs: int
    pact: Pact


def catalog(version: int, folder: Path = OWN) -> Consumer:
    """A version of catalog, which lives with stock of the same version."""
    path = folder / f"catalog-v{version}--stock.json"
    if not path.is_file():
        raise ContractError(f"{path} is missing: make contracts GENERATE=1")
    return Consumer(f"catalog v{version}", "this repository", version, pact.read(path))


def everybody(inside: Path = OWN, external: Path = EXTERNAL) -> tuple[Consumer, ...]:
    """Every consumer, catalog's versions first."""
    return (*own(inside), *outside(external))


def own(folder: Path = OWN) -> tuple[Consumer, ...]:
    """Catalog's versions."""
    found = (re.fullmatch(r"catalog-v(\d+)--stock\.json", path.name) for path in folder.iterdir())
    return tuple(
        catalog(version, folder) for version in sorted(int(match[1]) for match in found if match)
    )


def outside(folder: Path = EXTERNAL) -> tuple[Consumer, ...]:
    """The consumers of owners.yaml; a pact without an owner is a ContractError, too."""
    owners = folder / OWNERS
    try:
        entries = yaml.safe_load(owners.read_text(encoding="utf-8")) or []
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContractError(f"{owners}: cannot be read: {_first_line(error)}") from error
    if not isinstance(entries, list):
        raise ContractError(f"{owners}: expected a list of consumers")
    consumers = tuple(_outsider(entry, owners) for entry in entries)
    named = [entry["pact"] for entry in entries]
    lying = {path.name for path in folder.glob("*.json")}
    for name in sorted(lying.symmetric_difference(named)):
        raise ContractError(f"{owners}: {name} must be a pact beside it and have one owner")
    for name in named:
        if named.count(name) > 1:
            raise ContractError(f"{owners}: {name} has more than one owner")
    return consumers


def named_in_metrics(service: str, folder: Path = EXTERNAL) -> tuple[str, ...]:
    """Return how the metrics of a service name its consumers: the services of the release that call
    it, and the consumers of owners.yaml. `Warehouse Report` is `warehouse-report`, the product of
    its `User-Agent: warehouse-report/1.0`.
    """
    has_contracts = service == services.SERVICES[0].name
    external = outside(folder) if has_contracts else ()
    products = (re.sub(r"[^a-z0-9]+", "-", each.name.lower()).strip("-") for each in external)
    return tuple(dict.fromkeys((*services.callers(service), *products)))


def _outsider(entry: Any, owners: Path) -> Consumer:
    if not isinstance(entry, dict) or set(entry) != FIELDS:
        raise ContractError(f"{owners}: each consumer has exactly {', '.join(sorted(FIELDS))}")
    texts = [entry[name] for name in ("pact", "name", "contact")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ContractError(f"{owners}: pact, name and contact are texts")
    if type(entry["needs"]) is not int or entry["needs"] < 1:
        raise ContractError(f"{owners}: {entry['name']}: needs is a major version of stock")
    if Path(entry["pact"]).name != entry["pact"]:
        raise ContractError(f"{owners}: {entry['pact']} must lie beside it")
    read = pact.read(owners.with_name(entry["pact"]))
    return Consumer(entry["name"], entry["contact"], entry["needs"], read)


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
