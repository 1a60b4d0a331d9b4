"""The commands behind make, by section. Each is one function that reads like what it does."""
