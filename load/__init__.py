"""Traffic as the shop's clients make it, counted and timed by them: the only view of failures that
matters.

It asks over HTTP like everybody else and knows nothing of how the shop is run: `make load`, the
tests and the benchmarks all drive a shop with it.
"""
