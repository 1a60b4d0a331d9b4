"""The consumers of stock: catalog's versions, and consumers outside this repository."""

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from release import paths
from release.contracts import pact
from release.contracts.pact import ContractError, Pact
from release.model import services
from release.toolchain.subprocesses import run

OWN, EXTERNAL = paths.ROOT / "contracts" / "pacts", paths.ROOT / "contracts" / "external"
CATALOG_TESTS = paths.ROOT / "services" / "catalog" / "tests"
OWNERS = "owners.yaml"
FIELDS = {"pact", "name", "contact", "needs"}


@dataclass(frozen=True)
class Consumer:
    """`needs`: the major version of stock that it lives with; `contact`: its owner."""

    name: str
    contact: str
    needs: int
    pact: Pact


def catalog_consumer(version: int) -> Consumer:
    """Return a version of catalog, which lives with stock of the same version."""
    path = OWN / f"catalog-v{version}--stock.json"
    if not path.is_file():
        raise ContractError(f"{path} is missing: make contracts GENERATE=1")
    return Consumer(f"catalog v{version}", "this repository", version, pact.read(path))


def catalog_consumers() -> tuple[Consumer, ...]:
    """Return every version of catalog that has a pact."""
    found = (re.fullmatch(r"catalog-v(\d+)--stock\.json", path.name) for path in OWN.iterdir())
    return tuple(map(catalog_consumer, sorted(int(match[1]) for match in found if match)))


def generate_pacts(folder: Path = OWN) -> tuple[Path, ...]:
    """Replace catalog's pacts by those that the contract tests of its stock clients write.

    Needs the development environment. Raises ToolError if a test fails.
    """
    options = ("-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist")
    tests = sorted(CATALOG_TESTS.glob("v*/test_stock_contract.py"))
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        environment = {**os.environ, "PACTS": scratch, "PACT_DO_NOT_TRACK": "true"}
        run([sys.executable, "-m", "pytest", *options, *tests], cwd=paths.ROOT, env=environment)
        new = sorted(Path(scratch).iterdir())
        for path in folder.glob("*.json"):
            path.unlink()
        return tuple(path.rename(folder / path.name) for path in new)


def all_consumers() -> tuple[Consumer, ...]:
    """Return every consumer, catalog's versions first."""
    return (*catalog_consumers(), *external_consumers())


def unmigrated_consumers(provider_version: int) -> tuple[Consumer, ...]:
    """Return the consumers with a contract with that version of stock, and with no later one."""
    consumers = all_consumers()
    migrated = {item.pact.consumer for item in consumers if item.needs > provider_version}
    return tuple(
        item
        for item in consumers
        if item.needs == provider_version and item.pact.consumer not in migrated
    )


def external_consumers(folder: Path = EXTERNAL) -> tuple[Consumer, ...]:
    """Return the consumers of owners.yaml. Raises ContractError, also for a pact without owner."""
    owners = folder / OWNERS
    try:
        entries = yaml.safe_load(owners.read_text(encoding="utf-8")) or []
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContractError(f"{owners}: cannot be read: {pact.one_line(str(error))}") from error
    if not isinstance(entries, list):
        raise ContractError(f"{owners}: expected a list of consumers")
    consumers = tuple(_read_entry(entry, owners) for entry in entries)
    named = [entry["pact"] for entry in entries]
    files = {path.name for path in folder.glob("*.json")}
    for name in sorted(files.symmetric_difference(named)):
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
    external = external_consumers(folder) if has_contracts else ()
    products = (re.sub(r"[^a-z0-9]+", "-", each.name.lower()).strip("-") for each in external)
    return tuple(dict.fromkeys((*services.callers(service), *products)))


def _read_entry(entry: Any, owners: Path) -> Consumer:
    if not isinstance(entry, dict) or set(entry) != FIELDS:
        raise ContractError(f"{owners}: each consumer has exactly {', '.join(sorted(FIELDS))}")
    texts = [entry[name] for name in ("pact", "name", "contact")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ContractError(f"{owners}: pact, name and contact are texts")
    if type(entry["needs"]) is not int or entry["needs"] < 1:
        raise ContractError(f"{owners}: {entry['name']}: needs is a major version of stock")
    if Path(entry["pact"]).name != entry["pact"]:
        raise ContractError(f"{owners}: {entry['pact']} must lie beside it")
    content = pact.read(owners.with_name(entry["pact"]))
    return Consumer(entry["name"], entry["contact"], entry["needs"], content)
