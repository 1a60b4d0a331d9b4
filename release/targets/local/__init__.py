"""Releases as processes of this machine: objects -> plan -> processes, routes, monitoring."""
