"""What an image holds, and how it is built and pushed."""
