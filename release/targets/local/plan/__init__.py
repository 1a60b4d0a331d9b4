"""Rendered objects become a plan of processes, routes and monitoring; pure."""
