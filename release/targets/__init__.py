"""Where releases run: as processes of this machine, or in a cluster. Everything above this package
knows a target only by the interface in `target.py`.
"""

from release.targets.target import Target

__all__ = ["Target"]
