"""What a client of version 1 can read."""
