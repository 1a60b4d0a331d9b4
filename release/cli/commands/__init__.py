"""The commands, by the sections of `make help`."""
