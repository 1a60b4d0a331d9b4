"""What the caller asked for: environment variables, validated before anything happens."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from release import access, project, registries
from release.access import Access
from release.analysis import PROFILES, Profile
from release.errors import UsageError
from release.names import DEFAULT, Names

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_TRUE = {"1", "true", "yes"}
_FALSE = {"0", "false", "no"}


@dataclass(frozen=True)
class Settings:
    """The variables of the Makefile. Every accessor raises UsageError with what was found and what
    is allowed.
    """

    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        return cls(environment)

    def in_folder(self, state: Path) -> Settings:
        """The same in another state folder, unless the caller chose one."""
        given = {"STATE": self._text("STATE") or str(state)}
        return Settings({**self.environment, **given})

    def check(self) -> None:
        """Look at everything that was given, before anything happens. Raises UsageError."""
        for name in (
            "optional_version",
            "target",
            "names",
            "domain",
            "port",
            "internal_port",
            "values_files",
            "state",
            "gateway",
            "registry",
            "chart_mirror",
        ):
            getattr(self, name)
        for name in ("slack_webhook_url", "force", "lines", "delay", "errors", "weight"):
            getattr(self, name)
        for name in ("rate", "period", "mix", "link", "window", "profile", "slow"):
            getattr(self, name)
        for name in ("OFF", "JSON", "DRY_RUN", "PUSH", "SHIFT"):
            self.flag(name)
        if self._text("SUNSET"):
            _ = self.sunset
        if self._text("TO"):
            _ = self.to
        _ = self.branch
        access.broker(self.environment)
        registries.access(self.environment)
        for name in ("registry", "base_image", "wheelhouse", "oci", "source_date_epoch"):
            getattr(self, name)
        for name in ("message", "reports"):
            getattr(self, name)
        if self.names_one_release:
            _ = self.namespace

    def _text(self, name: str) -> str | None:
        # A variable that make exports empty was not given.
        return self.environment.get(name, "").strip() or None

    @property
    def version(self) -> int:
        """The major version to act on."""
        found = self.optional_version
        if found is None:
            raise UsageError(f"VERSION is missing: give one of {_versions()}, as in VERSION=1")
        return found

    @property
    def optional_version(self) -> int | None:
        text = self._text("VERSION")
        if text is None:
            return None
        known = project.known_versions()
        if text not in {str(number) for number in known}:
            raise UsageError(f"VERSION={text!r} is not known: give one of {_versions()}")
        return int(text)

    @property
    def namespace(self) -> str:
        """Where the release goes: the version's own unless NAMESPACE says otherwise."""
        text = self._text("NAMESPACE") or self.names.version(self.version)
        if not _LABEL.fullmatch(text):
            raise UsageError(f"NAMESPACE={text!r}: use lower-case letters, digits and dashes")
        if re.fullmatch(r"v\d+", text):
            raise UsageError(f"NAMESPACE={text}: its hosts would be those of q{text}")
        other = self.names.version_of(text)
        if None not in (other, self.optional_version) and other != self.version:
            raise UsageError(
                f"NAMESPACE={text} belongs to VERSION={other}, not to VERSION={self.version}"
            )
        if other is None and Names().version_of(text) is not None:
            raise UsageError(
                f"NAMESPACE={text} belongs to SHOP={DEFAULT}, not to SHOP={self.names.shop}"
            )
        if (name := self._text("RELEASE_NAME")) not in (None, text):
            raise UsageError(
                f"RELEASE_NAME={name!r}: a release is named like its namespace, {text}"
            )
        return text

    @property
    def names(self) -> Names:
        """What the shop calls its things on a cluster."""
        return Names.of(self._text("SHOP") or DEFAULT)

    @property
    def target(self) -> str:
        text = self._text("TARGET") or "local"
        if text not in ("local", "kubernetes"):
            raise UsageError(f"TARGET={text!r} is not known: give local or kubernetes")
        if text == "kubernetes":
            _ = self.context
        return text

    @property
    def context(self) -> str:
        """The context of the kubeconfig that names the cluster."""
        text = self._text("CONTEXT")
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
        text = self._text("GATEWAY")
        if text is None:
            return None
        found = re.fullmatch(r"(https?)://([A-Za-z0-9.-]{1,250})(?::(\d{1,5}))?/?", text)
        if not found or not 1 <= int(found[3] or 1) <= 65535:
            raise UsageError(f"GATEWAY={text!r}: give an address, as in http://127.0.0.1:8080")
        port = found[3] or {"http": "80", "https": "443"}[found[1]]
        return f"{found[1]}://{found[2]}:{port}"

    @property
    def chart_mirror(self) -> str:
        """A repository of the charts that `make platform` installs; empty for their own ones."""
        text = self._text("CHART_MIRROR") or ""
        if text and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?", text):
            raise UsageError(f"CHART_MIRROR={text!r}: give the address of a chart repository")
        return text

    @property
    def service(self) -> str:
        text = self._text("SERVICE")
        if text not in project.SERVICES:
            raise UsageError(f"SERVICE={text or ''}: give one of {', '.join(project.SERVICES)}")
        return text

    @property
    def workload(self) -> str:
        """Whose logs: a service, prometheus-<service>, alertmanager-<service> or gateway."""
        text = self._text("SERVICE")
        if text is None or not _LABEL.fullmatch(text):
            raise UsageError("SERVICE is missing: name one, as in SERVICE=stock")
        return text

    @property
    def domain(self) -> str:
        text = self._text("DOMAIN") or self.names.domain
        if len(text) > 200 or not all(_LABEL.fullmatch(part) for part in text.split(".")):
            raise UsageError(f"DOMAIN={text!r} is not a domain name")
        return text

    @property
    def given_domain(self) -> str | None:
        """The domain if the caller chose one; what runs keeps the one that it has."""
        return self.domain if self._text("DOMAIN") else None

    @property
    def sunset(self) -> date:
        """The day on which a version goes."""
        text = self._text("SUNSET")
        if text is None:
            raise UsageError("SUNSET is missing: give a date, as in SUNSET=2027-03-01")
        try:
            return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "")
        except ValueError as error:
            raise UsageError(f"SUNSET={text!r}: give a date, as in 2027-03-01") from error

    @property
    def window(self) -> int:
        """Seconds in which a call counts as use: WINDOW=24h, 90s, 10m or 7d."""
        return self._duration("WINDOW", longest="90d") or 86_400

    @property
    def link(self) -> str:
        """A page that explains why a version goes; empty for none."""
        text = self._text("LINK") or ""
        if text and not re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{1,980}", text):
            raise UsageError(f"LINK={text!r} is not an http(s) address")
        return text

    @property
    def keeps_weights(self) -> bool:
        """WEIGHT=keep: versions that share the host already keep what they have."""
        return self._text("WEIGHT") == "keep"

    @property
    def weight(self) -> int | None:
        """Percent of new visitors for the newest version."""
        return None if self.keeps_weights else self._number("WEIGHT", 0, 100)

    @property
    def port(self) -> int | None:
        """The public port, if the caller chose one."""
        return self._number("PORT", 1, 65535)

    @property
    def internal_port(self) -> int | None:
        return self._number("INTERNAL_PORT", 1, 65535)

    def _number(self, name: str, low: int, high: int) -> int | None:
        text = self._text(name)
        if text is None:
            return None
        if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
            raise UsageError(f"{name}={text!r}: give a whole number from {low} to {high}")
        return int(text)

    @property
    def force(self) -> str:
        """Why a gate is to be overridden; empty when it is not."""
        text = self._text("FORCE") or ""
        if len(text) > 500 or not text.isprintable():
            raise UsageError("FORCE: give the reason in one line of up to 500 characters")
        return text

    @property
    def lines(self) -> int:
        return self._number("LINES", 1, 100000) or 100

    @property
    def delay(self) -> float | None:
        """Seconds of a rehearsed delay."""
        return self._decimal("DELAY", 0, 60)

    @property
    def errors(self) -> float | None:
        """Share of requests that fail in a rehearsal."""
        return self._decimal("ERRORS", 0, 1)

    @property
    def rate(self) -> float:
        """Requests a second that `make load` sends."""
        return self._decimal("RATE", 0.1, 500) or 20

    @property
    def period(self) -> int | None:
        """Seconds that something is to last: FOR=90s, 5m or 1h."""
        return self._duration("FOR", longest="1h")

    @property
    def to(self) -> int:
        """The version that traffic moves to."""
        text = self._text("TO")
        if text not in {str(number) for number in project.known_versions()}:
            raise UsageError(f"TO={text or ''}: give one of {_versions()}, as in TO=2")
        return int(text)

    @property
    def profile(self) -> Profile:
        """How traffic moves: PROFILE, and what was asked for otherwise."""
        name = self._text("PROFILE") or "default"
        if name not in PROFILES:
            raise UsageError(f"PROFILE={name!r} is not known: give one of {', '.join(PROFILES)}")
        found = PROFILES[name]
        effect = self._decimal("DEFF", 1, 1000) or found.rule.design_effect
        return replace(
            found,
            rule=replace(found.rule, design_effect=effect),
            hold_limit=self._duration("HOLD_LIMIT", longest="48h") or found.hold_limit,
            drain_limit=self._duration("DRAIN_LIMIT", longest="48h") or found.drain_limit,
        )

    @property
    def slow(self) -> float:
        """Seconds after which an answer is too late."""
        return self._decimal("SLOW", 0.001, 600) or 1.2

    def _duration(self, name: str, longest: str) -> int | None:
        text = self._text(name)
        if text is None:
            return None
        if not 1 <= _seconds(text) <= _seconds(longest):
            raise UsageError(f"{name}={text!r}: give from 1s to {longest}, as in 90s, 5m or 1h")
        return _seconds(text)

    @property
    def mix(self) -> tuple[str, ...]:
        """The kinds of clients that `make load` is made of; empty when the caller does not care."""
        known = [*(f"v{number}-clients" for number in project.known_versions()), "browsers"]
        names = tuple(filter(None, (part.strip() for part in (self._text("MIX") or "").split(","))))
        for name in names:
            if name not in known:
                raise UsageError(f"MIX={name!r} is not known: give some of {', '.join(known)}")
        if len(names) > 20:
            raise UsageError("MIX: give 20 names at most")
        return names

    @property
    def names_one_release(self) -> bool:
        return self._text("NAMESPACE") is not None or self.optional_version is not None

    def _decimal(self, name: str, low: float, high: float) -> float | None:
        text = self._text(name)
        if text is None:
            return None
        if (
            not re.fullmatch(r"\d{1,6}(\.\d{0,6})?|\.\d{1,6}", text)
            or not low <= float(text) <= high
        ):
            raise UsageError(f"{name}={text!r}: give a number from {low:g} to {high:g}")
        return float(text)

    def flag(self, name: str) -> bool:
        text = (self._text(name) or "0").lower()
        if text not in _TRUE | _FALSE:
            raise UsageError(f"{name}={text!r}: give 1 or 0")
        return text in _TRUE

    @property
    def state(self) -> Path:
        """The state folder, by one name however it was spelt: processes are found by it."""
        path = Path(self._text("STATE") or project.ROOT / ".state").resolve()
        if path.exists() and not path.is_dir():
            raise UsageError(f"STATE={path} is no folder")
        return path

    @property
    def values_files(self) -> tuple[Path, ...]:
        """Further values for the charts, as helm's --values: VALUES=a.yaml,b.yaml."""
        paths = tuple(Path(part) for part in (self._text("VALUES") or "").split(",") if part)
        for path in paths:
            if not path.is_file():
                raise UsageError(f"VALUES={path}: no such file")
        return paths

    @property
    def pact_broker(self) -> Access:
        """The Pact Broker to publish to."""
        found = access.broker(self.environment)
        if found is None:
            raise UsageError(
                "PACT_BROKER_BASE_URL is missing: name a broker, as in https://broker.example"
            )
        return found

    @property
    def branch(self) -> str | None:
        """The branch that is published; None when git is to be asked."""
        text = self._text("BRANCH")
        if text is not None and not re.fullmatch(r"[\w][\w./-]{0,199}", text):
            raise UsageError("BRANCH: give a branch's name of up to 200 characters")
        return text

    @property
    def registry(self) -> str:
        """Where images go, and a cluster finds them; empty for this machine alone."""
        text = self._text("REGISTRY") or ""
        if text and not registries.REGISTRY.fullmatch(text):
            raise UsageError(f"REGISTRY={text!r}: give host:port or host/path, without a scheme")
        return text

    @property
    def pushes(self) -> bool:
        """Whether what is built goes to the registry, which then has to be named."""
        wanted = self.flag("PUSH")
        if wanted and not self.registry:
            raise UsageError("PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team")
        return wanted

    @property
    def source_date_epoch(self) -> int | None:
        """The age of what is packaged, in Unix seconds, if the caller says it."""
        text = self._text("SOURCE_DATE_EPOCH")
        if text is not None and not re.fullmatch(r"\d{1,10}", text):
            raise UsageError(f"SOURCE_DATE_EPOCH={text!r}: give Unix seconds")
        return None if text is None else int(text)

    @property
    def oci(self) -> str:
        """The registry that charts go to: oci://host:port/path."""
        text = (self._text("OCI") or "").rstrip("/")
        if text and not registries.REGISTRY.fullmatch(text.removeprefix("oci://")):
            raise UsageError(f"OCI={text!r}: give a registry, as in oci://registry.example/charts")
        if text and not text.startswith("oci://"):
            raise UsageError(f"OCI={text!r}: it begins with oci://")
        return text

    @property
    def base_image(self) -> str | None:
        """The Python that images are made on, if not the Dockerfiles' own choice."""
        text = self._text("BASE_IMAGE")
        if text is not None and not re.fullmatch(r"[\w][\w./:@-]{0,399}", text):
            raise UsageError(f"BASE_IMAGE={text!r}: give an image, as in python:3.11-slim-bookworm")
        return text

    @property
    def wheelhouse(self) -> Path | None:
        """A folder of wheels that images are made from instead of a package index."""
        text = self._text("WHEELHOUSE")
        if text is None:
            return None
        if not any(Path(text).glob("*.whl")):
            raise UsageError(f"WHEELHOUSE={text}: no folder with wheels")
        return Path(text)

    def gives(self, name: str) -> bool:
        """Whether the caller asks for something by a variable: set, and not to 0."""
        return (self._text(name) or "0").lower() not in _FALSE

    @property
    def message(self) -> str:
        """What the channel is to be told."""
        text = self._text("MESSAGE") or ""
        if len(text) > 500 or not text.isprintable():
            raise UsageError("MESSAGE: give one line of up to 500 characters")
        return text

    @property
    def reports(self) -> Path:
        """The folder that reports are written to."""
        path = Path(self._text("REPORTS") or project.ROOT / "reports").resolve()
        if path.exists() and not path.is_dir():
            raise UsageError(f"REPORTS={path} is no folder")
        return path

    @property
    def slack_webhook_url(self) -> str | None:
        """The secret address itself: from SLACK_WEBHOOK_URL, or the file SLACK_WEBHOOK_URL_FILE."""
        text, source = self._text("SLACK_WEBHOOK_URL"), "SLACK_WEBHOOK_URL"
        path = self._text("SLACK_WEBHOOK_URL_FILE")
        if text is None and path is not None:
            source = "SLACK_WEBHOOK_URL_FILE"
            try:
                text = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"SLACK_WEBHOOK_URL_FILE={path}: cannot be read") from error
        if text is not None and not re.fullmatch(r"https?://[!-~]{1,2000}", text):
            # The value is a secret: say where it came from, never what it is.
            raise UsageError(f"{source} does not hold an http(s) address")
        return text


def _seconds(text: str) -> int:
    """Of 90s, 5m, 1h or 7d; 0 for what is none of them."""
    found = re.fullmatch(r"(\d{1,5})([smhd])", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0


def _versions() -> str:
    return ", ".join(str(number) for number in project.known_versions())
