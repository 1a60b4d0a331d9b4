"""Where releases run. `open_target` gives the one that TARGET names; everything above this package
knows a target only by the interface in `target.py`.
"""

from __future__ import annotations

from release.settings import Settings
from release.targets.target import Target


def open_target(settings: Settings) -> Target:
    """The target of the settings."""
    if settings.target == "kubernetes":
        from release.targets.kubernetes.target import KubernetesTarget

        return KubernetesTarget(settings)
    from release.targets.local.target import LocalTarget

    return LocalTarget(settings)


__all__ = ["Target", "open_target"]
