"""Helm charts: built, rendered, archived and published."""
