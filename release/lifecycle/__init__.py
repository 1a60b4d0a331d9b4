"""The use cases behind the commands: deploy, undo, entry point, shift, and the end of a version."""
