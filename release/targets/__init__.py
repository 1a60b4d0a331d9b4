"""Where releases run. `open_target` gives the one that TARGET names; everything above this package
knows a target only by the interface in `target.py`.
"""

from __future__ import annotations

from release.errors import UsageError
from release.settings import Settings
from release.targets.target import Target


def open_target(settings: Settings) -> Target:
    """The target of the settings. Raises UsageError for a shop that it has no place for."""
    if settings.target == "kubernetes":
        from release.targets.kubernetes.target import KubernetesTarget

        return KubernetesTarget(settings)
    if not settings.names.is_default:
        raise UsageError(
            f"SHOP={settings.names.shop} is for TARGET=kubernetes: on this machine every folder "
            f"is a shop of its own, as in STATE=.state-{settings.names.shop}"
        )
    from release.targets.local.target import LocalTarget

    return LocalTarget(settings)


__all__ = ["Target", "open_target"]
