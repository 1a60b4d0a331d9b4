"""Where releases run: as processes of this machine, or in a cluster.

The packages above know a target only by the interface in `target.py`.
"""
