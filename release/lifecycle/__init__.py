"""What commands do: deploy, share an entry point, move traffic, and end a version."""
