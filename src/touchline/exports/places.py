"""Where an export goes: ``--to`` and ``--format``."""

from pathlib import Path

from touchline.errors import UsageError
from touchline.exports.format import Place
from touchline.exports.formats import formats


def place_of(address: str, *, form: str | None = None, prefix: str = "") -> Place:
    """The place that a person names.

    :param form: the format's name, where the address does not show it.
    :raises UsageError: if it shows no format, or another one.

    >>> place = place_of("costs.parquet")
    >>> place.form.name, place.is_folder
    ('parquet', False)
    """
    known = formats()
    if form is not None and form not in known:
        raise UsageError(f"There is no format {form!r:.40}.", f"There are: {', '.join(known)}.")
    scheme, slashes, rest = address.partition("://")
    if slashes:
        found = next((one for one in known.values() if scheme in one.schemes), None)
        if found is None or form not in {None, found.name}:
            raise UsageError(f"Nothing is exported to {scheme}://….", _expected())
        return Place(address, found, Path(rest.removeprefix("/")) if found.endings else None, False, prefix)
    path = Path(address)
    found = next((one for one in known.values() if path.name.lower().endswith(one.endings)), None)
    if found is not None and form in {None, found.name} and not path.is_dir():
        return Place(address, found, path, False, prefix)
    if form is None:
        raise UsageError(f"{address} does not show a format.", f"{_expected()} For a folder, add --format.")
    if known[form].is_for_many:
        ending = " or ".join(known[form].endings or [f"{one}://" for one in known[form].schemes])
        raise UsageError(f"{address} is no place for {form}.", f"Expected {ending}.")
    return Place(address, known[form], path, True, prefix)


def _expected() -> str:
    endings = [ending for one in formats().values() for ending in one.endings]
    schemes = [f"{scheme}://…" for one in formats().values() for scheme in one.schemes]
    return f"Expected a file name that ends in {', '.join(endings)}, or {', '.join(schemes)}."
