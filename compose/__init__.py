"""docker-compose.yml and what it mounts, written for the services and versions that are there."""
