"""Writes ``docs/reference`` from the code; with ``--check``, says which page is out of date instead, and exits 1."""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scripts.model_page import model_lines
from touchline import errors, models, settings, tables
from touchline.docstrings import attribute_docstrings, plain
from touchline.ingest import event
from touchline.jobs import setup
from touchline.meanings import COLUMNS, TABLES, event_fields, meanings_of
from touchline.pipeline import STAGES
from touchline.reports.views import views
from touchline.server.api import app, openapi
from touchline.server.collect import application
from touchline.server.http import options
from touchline.sql import Query, queries
from touchline.table import Table
from touchline.view import PUBLIC

REPOSITORY = Path(__file__).resolve().parent.parent
REFERENCE = REPOSITORY / "docs" / "reference"
SERVER = REPOSITORY / "src" / "touchline" / "server"
GLOSSARY = REPOSITORY / "docs" / "glossary.md"
NOTE = "<!-- Written by `make docs` from the code; edit the code instead. -->"

ENVIRONMENT = (
    ("TOUCHLINE_HOME", "The folder that holds the ledger and the engine; `~/.touchline` where it is not set."),
    (
        "TOUCHLINE_ENGINE",
        "The server that holds what is derived, in the place of a file: `postgresql://…`, `clickhouse://…`, `clickhouses://…`.",
    ),
    (
        "DATABASE_URL",
        "The ledger's database, `postgresql://user:password@host:5432/database`; where unset, a file in the home.",
    ),
    (
        "TOUCHLINE_MEMORY",
        "The most memory that a run may hold: `4GB`, `512MB`, or a share (`25%`); by default half of what there is.",
    ),
    ("TOUCHLINE_DEBUG", "`1` shows where an unexpected error came from, as `--debug` does."),
)


def main(arguments: list[str]) -> int:
    """Write or check every page."""
    stale = [name for name, page in PAGES.items() if bring_up_to_date(REFERENCE / name, page(), arguments)]
    if bring_up_to_date(GLOSSARY, glossary_page(), arguments):
        stale.append("../glossary.md")
    if stale and "--check" in arguments:
        print(f"docs/reference is out of date: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
        return 1
    return 0


def bring_up_to_date(file: Path, text: str, arguments: list[str]) -> bool:
    """Whether the file differed; it is written unless this is a check."""
    wanted = text.rstrip() + "\n"
    if file.is_file() and file.read_text(encoding="utf-8") == wanted:
        return False
    if "--check" not in arguments:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted, encoding="utf-8")
        print(f"wrote {file.relative_to(REPOSITORY)}")
    return True


def tables_page() -> str:
    """Every table: what it is, what a row is, and its columns."""
    queries = defining_queries()
    lines = ["# Tables", NOTE, OF_TABLES]
    for table in tables.ALL.values():
        lines += [f"## {table.name}", meaning(TABLES, table.name)]
        if query := queries.get(table.name):
            lines += [f"One row is {query.grain}. {query.sentence}", f"Made from: {listed(query.reads)}."]
        key = f"Key: {listed(table.key)}." if table.key else "No key: rows may repeat."
        lines += [f"{key} {changed(table)}"]
        lines += ["\n".join(column_rows(table, meanings_of(table)))]
    return "\n\n".join(lines)


OF_TABLES = """\
The river's tables are in the schema `river` of the engine (on ClickHouse: in the database of its URL), and can be
rebuilt from the ledger at any time. Any release may change them: [views](views.md) are for queries."""


def changed(table: Table) -> str:
    """How a run changes the table."""
    if table.sums:
        return f"Added to and taken from, person by person and cost day by cost day: {listed(table.sums)}."
    return f"Recomputed by: {listed(table.unit)}."


def column_rows(table: Table, meanings: Mapping[str, str]) -> Iterator[str]:
    """The lines of one table's columns."""
    yield "| column | type | null | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        null = "yes" if column.is_nullable else ""
        yield f"| `{column.name}` | {column.kind} | {null} | {meaning(meanings, column.name)} |"


def defining_queries() -> dict[str, Query]:
    """The queries whose file or folder is named as the table they write."""
    return {
        name: query
        for stage in STAGES
        for name, query in queries(f"touchline.{stage.name}").items()
        if query.writes == name in tables.ALL
    }


def glossary_page() -> str:
    """The glossary: its words are written by hand, what tables and columns mean is in the code."""
    words = GLOSSARY.read_text(encoding="utf-8").partition("\n## Tables\n")[0]
    parts = [words.rstrip(), "## Tables", f"{NOTE}", meaning_rows("table", TABLES), "## Columns", OF_COLUMNS]
    return "\n\n".join([*parts, meaning_rows("column", COLUMNS)])


OF_COLUMNS = """\
Money is in micros: millionths of one unit of `currency`, an integer. Times are UTC; dates are the site's own.

What the fields of an event mean stands in [events](reference/events.md). A column of the same name in another table
means the same, unless it is in this list. [Views](reference/views.md) have columns of their own."""


def meaning_rows(kind: str, meanings: Mapping[str, str]) -> str:
    """Names and meanings as the lines of a table."""
    return "\n".join(
        [f"| {kind} | meaning |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in meanings.items())]
    )


def views_page() -> str:
    """Every view for queries: what a row is, and its columns."""
    parts = ["# Views", NOTE, ABOUT_VIEWS]
    for view in (view for view in views() if view.is_public):
        parts += [f"## {PUBLIC}.{view.name}", view.meaning, meaning_rows("column", view.columns)]
    return "\n\n".join(parts)


ABOUT_VIEWS = """\
Views are for queries and BI tools, on every engine under the same names. [Query with SQL](../howto/query-with-sql.md)
shows how to use them. A release adds columns at the end of a view and takes none away."""


def meaning(meanings: Mapping[str, str], name: str) -> str:
    """What a name means; without it there is no page."""
    if name not in meanings:
        sys.exit(f"src/touchline/meanings.py does not explain `{name}`: add a line for it, then run `make docs`.")
    return meanings[name]


def settings_page() -> str:
    """Every setting of an organization, and the environment."""
    explained = attribute_docstrings(settings.OrganizationSettings)
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for field in fields(settings.OrganizationSettings):
        default = f"`{field.default}`" if field.default != "" else "(empty)"
        lines.append(f"| `{field.name}` | {default} | {markdown(explained[field.name])} |")
    return "\n\n".join(
        [
            "# Settings",
            NOTE,
            "Each organization chooses for itself, with `touchline settings`.",
            "\n".join(lines),
            f"Models: {listed(models.MODELS)}, and with a fit {listed(models.FITTED_MODELS)}.",
            "## Environment",
            "\n".join(
                ["| variable | meaning |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in ENVIRONMENT)]
            ),
        ]
    )


def events_page() -> str:
    """What an accepted event holds, and why an event may be refused."""
    rows = [f"| `{name}` | {words} |" for name, words in event_fields().items()]
    return "\n\n".join(
        [
            "# Events",
            NOTE,
            f"Types: {listed(event.EventType)}.",
            "## Fields",
            "\n".join(["| field | meaning |", "|---|---|", *rows]),
            "## Reasons for refusal",
            "A refused event is counted and kept with one of these reasons: " + listed(event.Reason) + ".",
        ]
    )


def exit_codes_page() -> str:
    """Every error that is raised on purpose, with its exit code."""
    rows = [
        f"| {kind.exit_code} | `{kind.__name__}` | {markdown(inspect.getdoc(kind) or '')} |" for kind in all_errors()
    ]
    head = [
        "# Exit codes",
        NOTE,
        "0 means that all went well. An error says what was expected, what came, and what to do.",
    ]
    return "\n\n".join([*head, "\n".join(["| code | error | meaning |", "|---|---|---|", *rows])])


def all_errors() -> list[type[errors.TouchlineError]]:
    """The errors of the product, by exit code."""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TouchlineError)
    ]
    return sorted(kinds, key=lambda kind: kind.exit_code)


def cli_page() -> str:
    """Every command with its options, as ``--help`` says it."""
    from touchline.cli import app  # noqa: PLC0415 — the other pages need no command line

    sys.argv[0] = "touchline"  # as usage lines show it
    return f"{NOTE}\n\n{app.generate_docs(usage_name='touchline')}"


def differences_page() -> str:
    """Where the capture library answers otherwise than 0.1.0: the list that the tests hold both versions to."""
    sys.path.append(str(REPOSITORY))
    from tests.compat.differences import DIFFERENCES  # noqa: PLC0415 — found by the line before

    rows = [f"| {one.name} | {markdown(one.reason)} |" for one in DIFFERENCES]
    words = (
        "An app of 0.1.0 runs on version 1 unchanged. `tests/compat` asks both versions the same questions; what is "
        "not in this table is answered alike, to the byte. A policy changes more; see "
        "[Choose a capture policy](../howto/capture-policy.md)."
    )
    table = "\n".join(["| about | what 0.1.0 did, and why version 1 does not |", "|---|---|", *rows])
    return f"# Differences of the capture library from 0.1.0\n\n{NOTE}\n\n{words}\n\n{table}"


def markdown(docstring: str) -> str:
    """A docstring's first paragraph on one line, in Markdown.

    >>> markdown("A row of ``rejected_events``; see :class:`Reason`.")
    'A row of `rejected_events`; see `Reason`.'
    """
    return plain(docstring).replace("|", "\\|")


def listed(names: Iterable[object]) -> str:
    """Names in code type, with commas.

    >>> listed(["a", "b"])
    '`a`, `b`'
    """
    return ", ".join(f"`{name}`" for name in names)


SECRETS = """No secret has a default. Where `CRON_SECRET` is not set there is no `/api/cron`. The first start makes the
password of `admin`, and says in which file of the home it is."""


def server_page() -> str:
    """Every option of the server."""
    explained = attribute_docstrings(options.ServerOptions)
    rows = []
    for field in fields(options.ServerOptions):
        default = f"`{field.default}`" if field.default != "" else "(empty)"
        rows.append(f"| `{options.name_of(field.name)}` | {default} | {markdown(explained[field.name])} |")
    return "\n\n".join(
        [
            "# Options of the server",
            NOTE,
            "`touchline serve` reads them from the environment, once.",
            SECRETS,
            "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]),
        ]
    )


@cache
def openapi_document() -> Mapping[str, Any]:
    """What a server says of itself."""
    with TemporaryDirectory() as folder:
        home = settings.Home(Path(folder) / "home")
        setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=0)
        served = application.Application(home, options.ServerOptions())
        document = openapi.document_of(app.litestar(served, home, Path(folder)))
        served.ledger.close()
    return document


def openapi_page() -> str:
    """The whole document, but for the release that it is of: what programs are made from, and changes are seen in."""
    document = openapi_document()
    timeless = {**document, "info": {**document["info"], "version": "that of the server"}}
    return json.dumps(timeless, indent=1, ensure_ascii=False)


def http_page() -> str:
    """Every path of the server."""
    parts = [
        "# HTTP",
        NOTE,
        "The [whole document](openapi.json), with schemas and examples, is `GET /api/openapi.json` of a server.",
    ]
    for path, operations in openapi_document()["paths"].items():
        for method, operation in operations.items():
            parts += [f"## {method.upper()} {path}", *operation_parts(operation)]
    return "\n\n".join(parts)


def problems_page() -> str:
    """Every problem that the server answers with: its code stays, and programs may ask for it."""
    rows = sorted({row for file in sorted(SERVER.rglob("*.py")) for row in problem_rows(file)})
    words = (
        "A refusal is `application/problem+json` (RFC 9457). Its `code` stays the same in later releases; the words may"
        " improve. `…` stands for what depends on the request."
    )
    table = "\n".join(["| status | code | detail and hint | headers |", "|---|---|---|---|", *rows])
    return f"# Problems\n\n{NOTE}\n\n{words}\n\n{table}"


def problem_rows(file: Path) -> Iterator[str]:
    """The lines of the problems that one module answers with."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            status, code, *words = map(spelled, node.args)
            headers = [said.value for said in node.keywords if said.arg == "headers"]
            cells = (status, f"`{code}`", " ".join(words).strip(), ", ".join(map(spelled, headers)))
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def spelled(node: ast.expr) -> str:
    """What an expression says, as far as it does not depend on anything.

    >>> spelled(ast.parse("[('retry-after', str(seconds))]", mode="eval").body)
    'retry-after …'
    """
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=values):
            return "".join(map(spelled, values))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return " ".join(map(spelled, parts))
        case _:
            return "…"


def operation_parts(operation: Mapping[str, Any]) -> Iterator[str]:
    """What is said of one operation."""
    yield f"{operation['summary']}. {operation.get('description', '')}".strip()
    if parameters := operation.get("parameters"):
        rows = [f"| `{one['name']}` | {one['in']} | {one.get('description', '')} |" for one in parameters]
        yield "\n".join(["| parameter | in | meaning |", "|---|---|---|", *rows])
    answers = (f"| {status} | {said['description']} |" for status, said in sorted(operation["responses"].items()))
    yield "\n".join(["| answer | meaning |", "|---|---|", *answers])


PAGES: dict[str, Callable[[], str]] = {
    "models.md": lambda: "\n\n".join(model_lines(NOTE)),
    "server.md": server_page,
    "http.md": http_page,
    "openapi.json": openapi_page,
    "problems.md": problems_page,
    "tables.md": tables_page,
    "views.md": views_page,
    "settings.md": settings_page,
    "events.md": events_page,
    "exit-codes.md": exit_codes_page,
    "capture-differences.md": differences_page,
    "cli.md": cli_page,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
