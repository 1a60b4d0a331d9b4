"""Releases as processes of this machine: rendered objects -> plan -> processes, routes, monitoring."""
