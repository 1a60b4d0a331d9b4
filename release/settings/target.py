"""The settings of the target, and the name of a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release import paths
from release.errors import UsageError
from release.model.names import DEFAULT, LONGEST_RELEASE, Names, is_of_cluster
from release.settings.types import LABEL

DEFAULT_STATE = paths.ROOT / ".state"


def missing(name: str, hint: str, example: str) -> UsageError:
    """Return the error for a variable that a command needs."""
    return UsageError(f"{name} is missing: {hint}, as in {name}={example}")


@dataclass(frozen=True)
class TargetSettings:
    """The target, its shop, and its addresses."""

    target: str
    context: str
    names: Names
    state: Path
    port: int | None
    gateway: str | None
    traefik_namespace: str
    registry: str
    given_domain: str | None
    """The domain if the caller chose one; a running entry point keeps its own."""

    @classmethod
    def of(
        cls, *, shop: str, domain: str | None, context: str | None, **rest: Any
    ) -> TargetSettings:
        """Return the settings. Raises UsageError for an invalid shop or a missing context."""
        if rest["target"] == "kubernetes" and context is None:
            raise no_context()
        return cls(names=Names.of(shop), given_domain=domain, context=context or "", **rest)

    @property
    def on_cluster(self) -> bool:
        return self.target == "kubernetes"

    @property
    def domain(self) -> str:
        return self.given_domain or self.names.domain


def no_context() -> UsageError:
    """Return the error for a cluster that is not named."""
    return UsageError(
        "CONTEXT is missing: name the cluster, as in CONTEXT=kind-shop; "
        "nothing is deployed to whichever is current"
    )


def release_namespace(
    names: Names, version: int | None, namespace: str | None, release_name: str | None
) -> str:
    """Return the namespace of a release: the version's own unless `namespace` says otherwise.

    Raises UsageError for one that belongs to something else.
    """
    text = namespace or names.version(version or 0)
    if not re.fullmatch(LABEL, text) or len(text) > LONGEST_RELEASE:
        raise UsageError(
            f"NAMESPACE={text!r}: use lower-case letters, digits and dashes, "
            f"{LONGEST_RELEASE} characters at most"
        )
    if version and (text in (names.entrypoint, names.shared) or is_of_cluster(text)):
        raise UsageError(f"NAMESPACE={text} is for what versions share, and for no version")
    if re.fullmatch(r"v\d+", text):
        raise UsageError(f"NAMESPACE={text}: its hosts would be those of q{text}")
    other = names.version_of(text)
    if None not in (other, version) and other != version:
        raise UsageError(f"NAMESPACE={text} belongs to VERSION={other}, not to VERSION={version}")
    default = Names()
    if names != default and (
        default.version_of(text) or text in (default.shared, default.entrypoint)
    ):
        raise UsageError(f"NAMESPACE={text} belongs to SHOP={DEFAULT}, not to SHOP={names.shop}")
    if release_name not in (None, text):
        raise UsageError(
            f"RELEASE_NAME={release_name!r}: a release is named like its namespace, {text}"
        )
    return text
