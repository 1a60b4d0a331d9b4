"""Traefik, and its routes to the processes."""
