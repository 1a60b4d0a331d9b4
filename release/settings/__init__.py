"""What the caller asked for: the options of the commands, and the types of their values."""
