"""The registries that images and charts are pushed to, and the credentials for them."""

import re
from dataclasses import dataclass, field

from release.errors import ReleaseError, UsageError

REGISTRY = re.compile(
    r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?(/[a-z0-9][a-z0-9._-]{0,100}){0,9}"
)
_ABSENT = re.compile(
    "not found|manifest unknown|name unknown|does not exist"
    "|denied|unauthorized|no basic auth|authorization failed|status code 401|status code 403",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RegistryLogin:
    """Registry credentials."""

    username: str
    password: str = field(repr=False)


def read_login(
    registry_username: str | None, registry_password: str | None
) -> RegistryLogin | None:
    """Return the credentials; None if there are none. Raises UsageError for half of them."""
    if registry_username is None or registry_password is None:
        if registry_username or registry_password:
            raise UsageError("REGISTRY_USERNAME and REGISTRY_PASSWORD go together")
        return None
    if not re.fullmatch(r"[\w.@$+-]{0,200}", registry_username):
        raise UsageError("REGISTRY_USERNAME has characters that a name does not have")
    return RegistryLogin(registry_username, registry_password)


def image_reference(registry: str, name: str, tag: str) -> str:
    """Return the full name of an image; an empty registry is the engine's default."""
    return f"{registry}/shop/{name}:{tag}".lstrip("/")


def host_of(registry: str) -> str:
    """Return the host and port of a registry's address."""
    return registry.removeprefix("oci://").partition("/")[0]


def is_loopback(registry: str) -> bool:
    """True if the registry is on this machine, where plain HTTP is enough."""
    return host_of(registry).partition(":")[0] in ("localhost", "127.0.0.1")


def is_not_found(error: ReleaseError) -> bool:
    """True if a registry has no such image or chart, or none that the caller may see."""
    return bool(_ABSENT.search(str(error)))
