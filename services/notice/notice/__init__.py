"""Responses for hosts and API versions that no version serves: 410 for a removed one, else 400."""
