"""The text of the units and of the environment file: the one source, of which deploy/ shows the usual form."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from touchline.errors import UsageError
from touchline.server.process.installing.places import Places

MARK = "# Written by `touchline service install`"
"""By which a unit of ours is known."""
_PLAIN = re.compile(r"[\w./:=@+,%-]+", re.ASCII)
"""What needs no quotation marks."""


def service_text(places: Places) -> str:
    """``touchline.service``."""
    return _rendered("service.j2", places)


def socket_text(places: Places) -> str:
    """``touchline.socket``."""
    return _rendered("socket.j2", places)


def environment_text(places: Places) -> str:
    """The environment file as it is first written, in which nothing is set."""
    return _rendered("environment.j2", places)


def _rendered(name: str, places: Places) -> str:
    return _templates().get_template(name).render(
        is_user=places.is_user, account=places.account, units=places.units, address=_escaped(places.address),
        systemctl=" ".join(places.systemctl), program=word(places.program.touchline), home=word(places.home),
        home_variable=word(f"TOUCHLINE_HOME={places.home}"), environment_file=_escaped(places.environment_file),
    )  # fmt: skip


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader(__package__, "."), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,  # noqa: S701 - a unit is no HTML
    )  # fmt: skip


def word(text: Path | str) -> str:
    r"""A word of a unit, in quotation marks where it needs them; ``%`` begins a specifier there.

    :raises UsageError: if it has a line end or another character that no unit can hold.

    >>> print(word("/var/lib/touchline"), word("/srv/a b/100%"), word('/srv/a"b'))
    /var/lib/touchline "/srv/a b/100%%" "/srv/a\"b"
    """
    escaped = _escaped(text)
    if _PLAIN.fullmatch(escaped):
        return escaped
    quoted = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _escaped(text: Path | str) -> str:
    if not str(text).isprintable():
        raise UsageError(f"The name {str(text)!r} cannot stand in a unit.", "Give a printable name.")
    return str(text).replace("%", "%%")
