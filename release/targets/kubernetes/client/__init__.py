"""The API server, and what it keeps: pods and leases."""
