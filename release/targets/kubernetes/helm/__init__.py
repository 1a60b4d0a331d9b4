"""Helm releases of the cluster: their history, rollout and recovery."""
