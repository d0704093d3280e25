"""``python -m touchline``: the command line."""

import sys

if __name__ == "__main__":  # the processes that a server starts read this module, too, and need no command line
    from touchline.cli import main

    sys.exit(main())
