"""Processes of this machine: placed on ports, started, watched and stopped."""
