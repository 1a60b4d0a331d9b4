"""Programs that are found or fetched, virtual environments, and running a subprocess."""
