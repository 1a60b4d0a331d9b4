"""Open the target that the caller chose. Only that target's modules are imported, to save time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release.errors import UsageError
from release.settings.target import TargetSettings, no_context
from release.targets.target import Target

if TYPE_CHECKING:
    from release.targets.kubernetes.target import KubernetesTarget


def open_target(place: TargetSettings) -> Target:
    """Return the target. Raises UsageError for a shop that it cannot hold."""
    if place.on_cluster:
        return open_cluster(place)
    if not place.names.is_default:
        raise UsageError(
            f"SHOP={place.names.shop} is for TARGET=kubernetes: on this machine every folder "
            f"is a shop of its own, as in STATE=.state-{place.names.shop}"
        )
    from release.targets.local.target import LocalTarget

    return LocalTarget(place.state, place.port)


def open_cluster(place: TargetSettings) -> KubernetesTarget:
    """Return the shop in the cluster of CONTEXT, whatever TARGET is."""
    if not place.context:
        raise no_context()
    from release.targets.kubernetes.target import KubernetesTarget

    return KubernetesTarget(
        place.context,
        place.names,
        traefik_namespace=place.traefik_namespace,
        gateway=place.gateway,
        registry=place.registry,
    )
