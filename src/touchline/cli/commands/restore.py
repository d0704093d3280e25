"""``restore``: a home, made of a backup."""

from pathlib import Path

from rich.text import Text

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.copies import size_of


def restore(file: Path, /, *, erased_in: Path | None = None, options: Options = COMMON) -> Answer:
    """Create a new home, named by --home, from a backup; then `touchline run` computes its numbers.

    Erasures made since the backup are repeated, and all users are signed out.

    :param file: a file that `touchline backup` wrote. Erasures since then are in FILE.erasures, next to it.
    :param erased_in: the home that was in use since, if it is still there: what was erased in it is erased, too.
    """
    from touchline.jobs import keeping
    from touchline.settings import home_from

    former = home_from(folder=erased_in) if erased_in is not None else None
    copied = keeping.restore_home(file, options.place, erased_home=former)
    return Answer(
        {"home": str(options.place.path), **vars(copied)},
        lambda: Text(
            f"{options.place.path} is restored: {size_of(copied)}.\n"
            f"Erased again, because of erasures after the backup was made: {counted(copied.erased, 'event')}.\n"
            f"{_links(copied.links)}Next: touchline run."
        ),
    )


def _links(count: int) -> str:
    if not count:
        return ""
    works = counted(count, "link to a view works again", "links to views work again")
    return f"{works}, also if removed after the backup was made: see Saved views.\n"


COMMAND = restore
