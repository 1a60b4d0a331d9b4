"""The OpenAPI descriptions of the services: kept true, and compared with what was released."""
