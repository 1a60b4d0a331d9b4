"""Runs in the process of a verification, beside stock; never part of an image."""
