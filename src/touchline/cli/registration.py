"""Which commands there are: each file of :mod:`touchline.cli.commands`; reports add their own commands.

They are named as text and read when they are used, so that no command waits for another's file.
"""

from pkgutil import iter_modules

from cyclopts import App

from touchline.cli import commands

_FIRST = ("demo", "init", "import", "run", "report", "explain", "doctor", "serve")
"""In the order in which a person meets them: the error for a mistyped command lists the first eight."""


def _files() -> dict[str, str]:
    """By the command's name, the file's: an underscore keeps that from being a keyword."""
    found = {module.name.rstrip("_"): module.name for module in iter_modules(commands.__path__)}
    first = [name for name in _FIRST if name in found]
    return {name: found[name] for name in (*first, *sorted(found.keys() - first))}


def add_commands(app: App) -> None:
    """Add the ``COMMAND`` of each file, under the file's name."""
    for name, file in _files().items():
        app.command(f"{commands.__name__}.{file}:COMMAND", name=name)


def read_commands(app: App) -> None:
    """Read all files, so that a list of the commands says what each is for."""
    for name in _files():
        app[name]  # reads it
