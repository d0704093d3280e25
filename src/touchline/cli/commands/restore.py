"""``restore``: a home, made of a backup."""

from pathlib import Path

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.copies import size_of


def restore(file: Path, /, *, options: Options = COMMON) -> Answer:
    """Create a new home, named by --home, from a backup; then `touchline run` computes its numbers.

    :param file: a file that `touchline backup` wrote.
    """
    from touchline.jobs import keeping

    copied = keeping.restore_home(file, options.place)
    return Answer(
        {"home": str(options.place.path), **vars(copied)},
        lambda: Text(
            f"{options.place.path} is restored: {size_of(copied)}.\n"
            "Next: touchline run. Erase again anyone who was erased after the backup was made."
        ),
    )


COMMAND = restore
