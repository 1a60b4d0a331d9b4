"""The clients of version 1."""
