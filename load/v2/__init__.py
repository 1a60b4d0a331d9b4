"""The clients of version 2."""
