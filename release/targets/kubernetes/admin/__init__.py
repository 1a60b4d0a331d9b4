"""Preparing a cluster for releases, and finding what it lacks."""
