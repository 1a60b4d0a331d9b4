"""Serves a Helm repository: an index, and the charts that it names. Standard library only."""
