"""What is recorded in the state folder."""
