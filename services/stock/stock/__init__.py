"""The inventory of the shop, behind incompatible versions of one API.

A version is a folder here (v1, v2), with `register(app, database)`. All versions share the modules
beside the folders: a change in one of them changes every version, so tests/shared runs for all of
them.
"""
