"""What runs in the process of a verification, beside stock itself: never part of an image."""
