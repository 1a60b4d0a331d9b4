"""Which release, and where."""

from __future__ import annotations

import re
from pathlib import Path

from release import paths
from release.errors import UsageError
from release.model import services
from release.model.names import DEFAULT, LONGEST_RELEASE, Names, is_of_cluster
from release.settings.variables import LABEL, Variables, listed_versions


class Place(Variables):
    """Every accessor raises UsageError."""

    def check(self) -> None:
        super().check()
        _ = (
            self.optional_version,
            self.target,
            self.names,
            self.domain,
            self.gateway,
            self.traefik_namespace,
        )
        _ = self.port, self.internal_port, self.state, self.values_files, self.lines
        if self.names_one_release:
            _ = self.namespace

    @property
    def version(self) -> int:
        """The major version to act on."""
        found = self.optional_version
        if found is None:
            raise UsageError(
                f"VERSION is missing: give one of {listed_versions()}, as in VERSION=1"
            )
        return found

    @property
    def optional_version(self) -> int | None:
        text = self.text("VERSION")
        if text is None:
            return None
        known = paths.known_versions()
        if text not in {str(number) for number in known}:
            raise UsageError(f"VERSION={text!r} is not known: give one of {listed_versions()}")
        return int(text)

    @property
    def names_one_release(self) -> bool:
        return self.text("NAMESPACE") is not None or self.optional_version is not None

    @property
    def namespace(self) -> str:
        """Where the release goes: the version's own unless NAMESPACE says otherwise."""
        text = self.text("NAMESPACE") or self.names.version(self.version)
        if not LABEL.fullmatch(text) or len(text) > LONGEST_RELEASE:
            raise UsageError(
                f"NAMESPACE={text!r}: use lower-case letters, digits and dashes, "
                f"{LONGEST_RELEASE} characters at most"
            )
        if self.optional_version and (
            text in (self.names.entrypoint, self.names.shared) or is_of_cluster(text)
        ):
            raise UsageError(f"NAMESPACE={text} is for what versions share, and for no version")
        if re.fullmatch(r"v\d+", text):
            raise UsageError(f"NAMESPACE={text}: its hosts would be those of q{text}")
        other = self.names.version_of(text)
        if None not in (other, self.optional_version) and other != self.version:
            raise UsageError(
                f"NAMESPACE={text} belongs to VERSION={other}, not to VERSION={self.version}"
            )
        default = Names()
        if self.names != default and (
            default.version_of(text) or text in (default.shared, default.entrypoint)
        ):
            raise UsageError(
                f"NAMESPACE={text} belongs to SHOP={DEFAULT}, not to SHOP={self.names.shop}"
            )
        if (name := self.text("RELEASE_NAME")) not in (None, text):
            raise UsageError(
                f"RELEASE_NAME={name!r}: a release is named like its namespace, {text}"
            )
        return text

    @property
    def names(self) -> Names:
        """What the shop calls its things on a cluster."""
        return Names.of(self.text("SHOP") or DEFAULT)

    @property
    def target(self) -> str:
        text = self.text("TARGET") or "local"
        if text not in ("local", "kubernetes"):
            raise UsageError(f"TARGET={text!r} is not known: give local or kubernetes")
        if text == "kubernetes":
            _ = self.context
        return text

    @property
    def context(self) -> str:
        """The context of the kubeconfig that names the cluster."""
        text = self.text("CONTEXT")
        if text is None:
            raise UsageError(
                "CONTEXT is missing: name the cluster, as in CONTEXT=kind-shop; "
                "nothing is deployed to whichever is current"
            )
        if not re.fullmatch(r"[\w][\w.:@/+-]{0,250}", text):
            raise UsageError(f"CONTEXT={text!r}: give the name of a context of your kubeconfig")
        return text

    @property
    def gateway(self) -> str | None:
        """Where a cluster's Traefik is reached from here, port included."""
        text = self.text("GATEWAY")
        if text is None:
            return None
        found = re.fullmatch(r"(https?)://([A-Za-z0-9.-]{1,250})(?::(\d{1,5}))?/?", text)
        if not found or not 1 <= int(found[3] or 1) <= 65535:
            raise UsageError(f"GATEWAY={text!r}: give an address, as in http://127.0.0.1:8080")
        port = found[3] or {"http": "80", "https": "443"}[found[1]]
        return f"{found[1]}://{found[2]}:{port}"

    @property
    def traefik_namespace(self) -> str:
        """Where the cluster's Traefik runs."""
        text = self.text("TRAEFIK_NAMESPACE") or "traefik"
        if not LABEL.fullmatch(text):
            raise UsageError(f"TRAEFIK_NAMESPACE={text!r}: give the name of a namespace")
        return text

    @property
    def domain(self) -> str:
        text = self.text("DOMAIN") or self.names.domain
        if len(text) > 200 or not all(LABEL.fullmatch(part) for part in text.split(".")):
            raise UsageError(f"DOMAIN={text!r} is not a domain name")
        return text

    @property
    def given_domain(self) -> str | None:
        """The domain if the caller chose one; what runs keeps the one that it has."""
        return self.domain if self.text("DOMAIN") else None

    @property
    def port(self) -> int | None:
        """The public port, if the caller chose one."""
        return self.number("PORT", 1, 65535)

    @property
    def internal_port(self) -> int | None:
        return self.number("INTERNAL_PORT", 1, 65535)

    @property
    def state(self) -> Path:
        """The state folder; processes are found by its name."""
        return self.folder("STATE", paths.ROOT / ".state")

    @property
    def values_files(self) -> tuple[Path, ...]:
        """Further values for the charts, as helm's --values: VALUES=a.yaml,b.yaml."""
        files = tuple(Path(part) for part in (self.text("VALUES") or "").split(",") if part)
        for path in files:
            if not path.is_file():
                raise UsageError(f"VALUES={path}: no such file")
        return files

    @property
    def service(self) -> str:
        text = self.text("SERVICE")
        if text not in services.NAMES:
            raise UsageError(f"SERVICE={text or ''}: give one of {', '.join(services.NAMES)}")
        return text

    @property
    def workload(self) -> str:
        """Whose logs: a service, prometheus-<service>, alertmanager-<service> or gateway."""
        text = self.text("SERVICE")
        if text is None or not LABEL.fullmatch(text):
            raise UsageError("SERVICE is missing: name one, as in SERVICE=stock")
        return text

    @property
    def lines(self) -> int:
        return self.number("LINES", 1, 100000) or 100
