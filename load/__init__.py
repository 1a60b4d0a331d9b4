"""Traffic as the shop's clients make it, counted and timed by the clients.

It speaks only HTTP to the shop: `make load`, the tests and the benchmarks use it. A folder for each
version holds what its clients can read.
"""
