"""One module for each kind of server that is asked over HTTP."""
