"""The address of the shop. Requests go to one address, with a Host header that need not resolve."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Gateway:
    """`base`: the address, as in http://127.0.0.1:8080; `domain`: the suffix of all host names."""

    base: str
    domain: str

    @property
    def merged(self) -> str:
        """The host that all versions share, with the port."""
        return f"{self.domain}:{urlsplit(self.base).port}"

    def versioned(self, service: str, version: int) -> str:
        """Return the host of one version of a service."""
        return f"{service}.v{version}.{self.merged}"

    def serves(self, host: str) -> bool:
        """True if the host belongs to the shop."""
        return host == self.merged or host.endswith(f".{self.merged}")
