"""What a client of version 2 can read."""
