"""Benchmarks: what the project promises in numbers, measured within one run on this machine.

One module for each question; each has `measure() -> Answer`. Nothing here is a test: a busy machine
moves these figures, and whoever reads them sees how busy it was.
"""
