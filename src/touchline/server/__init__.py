"""The server: what browsers and machines reach over HTTP."""
