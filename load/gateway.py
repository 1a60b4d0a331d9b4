"""Where the shop is reached. Names need not resolve: requests go to one address and name a host."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Gateway:
    """`base` is the address, such as http://127.0.0.1:8080; `domain` what all host names end in."""

    base: str
    domain: str

    @property
    def merged(self) -> str:
        """The host that all versions share, as a browser shows it."""
        return f"{self.domain}:{urlsplit(self.base).port}"

    def versioned(self, service: str, version: int) -> str:
        """The host of one version of a service."""
        return f"{service}.v{version}.{self.merged}"

    def serves(self, host: str) -> bool:
        """Whether a link to this host stays within the shop."""
        return host == self.merged or host.endswith(f".{self.merged}")
