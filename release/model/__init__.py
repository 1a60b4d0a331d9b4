"""Plain data: what a release, a status, a route and a name are."""
