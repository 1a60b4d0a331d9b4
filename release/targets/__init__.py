"""Where releases run. A target realises rendered objects; what is above it does not know which one
it is.
"""
