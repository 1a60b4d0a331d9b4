"""Tells which workloads are not ready, and why."""
