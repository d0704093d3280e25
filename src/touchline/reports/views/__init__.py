"""Read-only views for SQL and BI tools, named as people who know the trade expect: one ``.sql`` file each.

A view ``-- of:`` others takes their statements in, so that no view of ours depends on another.
"""

import re
from functools import cache
from importlib.resources import files

from touchline.applied import define_changed
from touchline.engines import Engine
from touchline.view import View

_OF = re.compile(r"^-- of: (.+)$", re.MULTILINE)
_SENTENCE = re.compile(r"^-- (?!of: )(.+)$", re.MULTILINE)


@cache
def views() -> tuple[View, ...]:
    """Every view, by name."""
    texts = {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in files(__package__).iterdir()
        if file.name.endswith(".sql")
    }
    return tuple(
        View(name, _whole(name, texts), " ".join(_SENTENCE.findall(text))) for name, text in sorted(texts.items())
    )


def define_views(engine: Engine) -> None:
    """Define the views whose definition changed.

    :raises BlockedError: if a reader keeps the engine from it; the views stand as before.
    """
    define_changed(engine, views())


def _whole(name: str, texts: dict[str, str]) -> str:
    """The statement of a view, with those of the views that it is of."""
    text = texts[name].rstrip()
    of = [each for listed in _OF.findall(text) for each in listed.split(", ")]
    if not of:
        return text
    ctes = ",\n".join(f"{each} as (\n{_whole(each, texts)}\n)" for each in of)
    return f"with {ctes}\n{text}"
