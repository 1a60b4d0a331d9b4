"""The command line: what make and the pipeline call."""
