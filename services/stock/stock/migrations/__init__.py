"""How the schema came to be, one revision per version of the API."""
