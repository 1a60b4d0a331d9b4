"""The shop's pages, in HTML and JSON, made from what the stock service of the same version says."""
