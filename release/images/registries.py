"""Registries that images and charts are pushed to. The password comes by the environment alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from release.errors import ReleaseError, UsageError

REGISTRY = re.compile(
    r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?(/[a-z0-9][a-z0-9._-]{0,100}){0,9}"
)
_ABSENT = re.compile(
    "not found|manifest unknown|name unknown|does not exist"
    "|denied|unauthorized|no basic auth|authorization failed|status code 401|status code 403",
    re.IGNORECASE,
)
_SECRET = "REGISTRY_PASSWORD"  # noqa: S105 - the name of one


@dataclass(frozen=True)
class Access:
    """A name and its password."""

    username: str
    password: str = field(repr=False)


def access(environment: Mapping[str, str]) -> Access | None:
    """Who pushes, if the environment says so. Raises UsageError, naming no secret."""
    # Make passes what was typed on its command line on to others this way.
    if re.search(rf"(^|\s){_SECRET}=", environment.get("MAKEFLAGS", "")):
        raise UsageError(f"{_SECRET}: arguments are for everybody to see; export it instead")
    username = environment.get("REGISTRY_USERNAME", "").strip()
    password = environment.get(_SECRET, "").strip()
    if bool(username) != bool(password):
        raise UsageError(f"REGISTRY_USERNAME and {_SECRET} go together")
    if not re.fullmatch(r"[\w.@$+-]{0,200}", username):
        raise UsageError("REGISTRY_USERNAME has characters that a name does not have")
    return Access(username, password) if username else None


def host(registry: str) -> str:
    """The part of an address that one logs in to."""
    return registry.removeprefix("oci://").partition("/")[0]


def is_loopback(registry: str) -> bool:
    """Whether it is on this machine, where plain HTTP will do."""
    return host(registry).partition(":")[0] in ("localhost", "127.0.0.1")


def says_absent(error: ReleaseError) -> bool:
    """Whether a registry that was asked for something does not have it, or not for everybody to
    know.
    """
    return bool(_ABSENT.search(str(error)))


@contextmanager
def scratch_configuration() -> Iterator[Path]:
    """A folder for what a login leaves behind: readable by its owner only, and gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
