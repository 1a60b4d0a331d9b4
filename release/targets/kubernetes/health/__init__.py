"""Whether pods are ready, and what keeps them from it."""
