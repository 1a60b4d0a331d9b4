"""The names of a shop's namespaces, releases and hosts, all derived from the shop's name."""

import re
from dataclasses import dataclass
from typing import Self

from release.errors import UsageError

DEFAULT = "shop"
"""The shop whose namespaces have no prefix."""
PART_OF = "app.kubernetes.io/part-of"
"""The label that holds the name of the shop."""
MADE_BY_US = {"app.kubernetes.io/managed-by": "parallel-releases"}
"""The label of objects that these commands made."""
_ENTRYPOINT = "entrypoint"
LONGEST_RELEASE = 53
"""The longest name of a release that Helm accepts."""
# The entry point's name is the longest.
_LONGEST = LONGEST_RELEASE - len(f"-{_ENTRYPOINT}")
_LABEL = re.compile(rf"[a-z]([-a-z0-9]{{0,{_LONGEST - 2}}}[a-z0-9])?")
_OF_SHOPS = re.compile(rf"(.+-)?({_ENTRYPOINT}|qv\d+)")
_OF_CLUSTER = re.compile(r"default|kube-.+|traefik|monitoring")
"""Namespaces of the cluster itself, and of what all shops share."""


@dataclass(frozen=True)
class Names:
    """The names of one shop. A release has the name of its namespace."""

    shop: str = DEFAULT

    @classmethod
    def of(cls, shop: str) -> Self:
        """Return the names of a shop that the caller named. Raises UsageError."""
        if not _LABEL.fullmatch(shop):
            raise UsageError(
                f"SHOP={shop!r}: use lower-case letters, digits and dashes, a letter first, "
                f"{_LONGEST} characters at most"
            )
        if _OF_SHOPS.fullmatch(shop) or is_of_cluster(shop):
            raise UsageError(f"SHOP={shop}: a namespace of that name is not for an inventory")
        return cls(shop)

    @property
    def is_default(self) -> bool:
        return self.shop == DEFAULT

    @property
    def shared(self) -> str:
        """The namespace of what all releases share: the inventory and the lock."""
        return self.shop

    @property
    def entrypoint(self) -> str:
        """The namespace of the entry point."""
        return f"{self._prefix}{_ENTRYPOINT}"

    def version(self, number: int) -> str:
        """Return the default namespace of a version."""
        return f"{self._prefix}qv{number}"

    def version_of(self, namespace: str) -> int | None:
        """Return the version whose default namespace it is, or None."""
        match = re.fullmatch(rf"{re.escape(self._prefix)}qv(\d+)", namespace)
        return int(match[1]) if match else None

    @property
    def domain(self) -> str:
        """The default domain of the public hosts."""
        return f"{self.shop}.localhost"

    @property
    def _prefix(self) -> str:
        return "" if self.is_default else f"{self.shop}-"


def is_of_cluster(namespace: str) -> bool:
    """True for a namespace of the cluster itself, or of what all shops share."""
    return bool(_OF_CLUSTER.fullmatch(namespace))
