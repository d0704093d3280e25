"""``backup``: a copy of the ledger."""

from pathlib import Path

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.copies import size_of
from touchline.cli.terminal import visible


def backup(file: Path, /, *, options: Options = COMMON) -> Answer:
    """Copy the ledger to a new file, without stopping event collection. The engine is derived, so it is not copied.

    :param file: the file to create; it must not exist yet.
    """
    from touchline.jobs import keeping

    copied = keeping.back_up_home(options.place, file)
    return Answer(
        {"file": str(file), **vars(copied)},
        lambda: Text(visible(f"{file} holds the ledger: {size_of(copied)}.")),
    )  # fmt: skip


COMMAND = backup
