"""Where the operations are."""

PATH = "/api/manage"
