"""The migrations of the schema, one for each version of the API."""
