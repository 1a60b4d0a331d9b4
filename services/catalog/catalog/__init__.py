"""The shop's pages, in HTML and JSON, made from the stock service of the same version.

A version is a folder here (v1, v2), with `register(app, settings, transport)` and `CALLS`. All
versions share the modules beside the folders: a change in one of them changes every version, so
tests/shared runs for all of them.
"""
