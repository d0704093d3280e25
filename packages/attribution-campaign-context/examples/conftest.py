"""The examples are programs that a test imports when it wants them; they are no doctests."""

collect_ignore_glob = ["*.py"]
