"""Prometheus and Alertmanager, configured as their objects say."""
