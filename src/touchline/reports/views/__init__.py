"""Read-only views for SQL and BI tools, named as people who know the trade expect: one ``.sql`` file each."""

from importlib.resources import files

from touchline.engines import Engine


def define_views(engine: Engine) -> None:
    """(Re)define every view."""
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            engine.define(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
