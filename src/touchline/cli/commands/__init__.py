"""The commands: each file is one, ``COMMAND``, and gives it its name; :mod:`touchline.cli.registration` finds them."""
