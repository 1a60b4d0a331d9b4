"""The target that TARGET names, made from the caller's settings."""

from __future__ import annotations

from release.errors import UsageError
from release.settings import Settings
from release.targets.kubernetes.target import KubernetesTarget
from release.targets.local.target import LocalTarget
from release.targets.target import Target


def open_target(settings: Settings) -> Target:
    """The target of the settings. Raises UsageError for a shop that it has no place for."""
    if settings.target == "kubernetes":
        return open_cluster(settings)
    if not settings.names.is_default:
        raise UsageError(
            f"SHOP={settings.names.shop} is for TARGET=kubernetes: on this machine every folder "
            f"is a shop of its own, as in STATE=.state-{settings.names.shop}"
        )
    return LocalTarget(settings.state, settings.port, settings.internal_port)


def open_cluster(settings: Settings) -> KubernetesTarget:
    """The shop in the cluster of CONTEXT, whatever TARGET says."""
    return KubernetesTarget(
        settings.context,
        settings.names,
        traefik_namespace=settings.traefik_namespace,
        gateway=settings.gateway,
        registry=settings.registry,
    )
