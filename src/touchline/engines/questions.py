"""Statements that people write: one query in the portable subset, over the rows of one organization."""

from collections.abc import Collection, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from touchline.amounts import counted
from touchline.errors import UnknownError, UsageError

OWNER = "organization_id"
"""The column of every relation that says whose a row is."""
_TABLES = "main"
"""Before the name of a table whose name a view has, too."""
_MOST_LETTERS = 20_000
_EXPECTED = (
    "Expected one SELECT in the SQL that all engines have, such as: select channel, sum(value) from links group by 1"
)
_REFUSED: tuple[type[exp.Expr], ...] = (
    exp.Into, exp.Lock, exp.Placeholder, exp.Parameter, exp.SessionParameter, exp.Command, exp.DDL, exp.DML,
    exp.Pragma, exp.Set,
)  # fmt: skip
_ABOUT_THE_SYSTEM = ("Read", "Session", "Current", "Version")
"""How the names begin of functions of files, and of the engine itself; the time is a question's own."""
_TIMES = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime)


def question(
    text: str, *, views: Mapping[str, str], tables: Collection[str], organization_id: str, public: str, most_rows: int
) -> str:
    """The statement that answers ``text`` with the rows of one organization, as :meth:`Engine.select` takes it.

    Only named relations are read, and only functions that every engine has are called, so that a question can neither
    write nor read anything else. The relations have the column :data:`OWNER`; where a view and a table have one name,
    the view is meant, and ``main.`` before it means the table.

    :param views: the select of each view, by name.
    :param public: the schema that may stand before a view's name.
    :param most_rows: the rows that the answer may have.
    :raises UsageError: if it is no such query.
    :raises UnknownError: if it reads what is none of the relations.

    >>> question("select n from visits", views={}, tables=["visits"], organization_id="o", public="p", most_rows=9)
    "SELECT n FROM (SELECT * FROM visits WHERE organization_id = 'o') AS visits LIMIT 9"
    """
    tree = _parsed(text)
    _check(tree)
    _scope(tree, views, tables, organization_id, public)
    return _limited(tree, most_rows).sql(dialect="duckdb", comments=False)


def _parsed(text: str) -> exp.Query:
    if len(text) > _MOST_LETTERS:
        raise UsageError(f"The SQL has {counted(len(text), 'character')}.", f"At most {_MOST_LETTERS:,} are read.")
    try:
        statements = [one for one in sqlglot.parse(text, read="duckdb") if one is not None]
    except (SqlglotError, RecursionError) as error:
        said = str(error).splitlines()[0] if str(error) else "it is too deep"
        raise UsageError(f"The SQL cannot be read: {said}", _EXPECTED) from None
    if len(statements) != 1:
        raise UsageError(f"Found {counted(len(statements), 'statement')}.", _EXPECTED)
    tree = statements[0]
    if not isinstance(tree, exp.Query):
        raise UsageError(f"Nothing but a query is answered, and this is {type(tree).__name__.upper()}.", _EXPECTED)
    return tree


def _check(tree: exp.Query) -> None:
    for node in tree.walk():
        if isinstance(node, _REFUSED):
            raise UsageError(f"{node.sql(dialect='duckdb')[:80]!r} is no part of a query that is answered.", _EXPECTED)
        if isinstance(node, exp.Anonymous) or _is_about_the_system(node):
            name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
            raise UsageError(f"There is no function {name[:80]!r} here.", "Use functions that all engines have.")


def _is_about_the_system(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Func)
        and type(node).__name__.startswith(_ABOUT_THE_SYSTEM)
        and not isinstance(node, _TIMES)
    )


def _scope(
    tree: exp.Query, views: Mapping[str, str], tables: Collection[str], organization_id: str, public: str
) -> None:
    """Put the organization's rows in the place of each relation."""
    own_names = {cte.alias for cte in tree.find_all(exp.CTE)}
    clash = own_names.intersection([*views, *tables])
    if clash:
        raise UsageError(f"{min(clash)} is the name of a view or table.", "Give that part of the query another name.")
    for node in list(tree.find_all(exp.Table)):
        if isinstance(node.this, exp.Identifier) and node.name in own_names and not node.db:
            continue
        relation = _relation(node, views, tables, public)
        whose = exp.column(OWNER).eq(exp.Literal.string(organization_id))
        rows = exp.select("*").from_(relation).where(whose)
        node.replace(rows.subquery(node.alias or node.name, copy=False))


def _relation(node: exp.Table, views: Mapping[str, str], tables: Collection[str], public: str) -> exp.Expr:
    """What a name in the query means."""
    name = node.name
    if not isinstance(node.this, exp.Identifier) or node.catalog or node.db not in {"", public, _TABLES}:
        shown = node.sql(dialect="duckdb")[:80]
        raise UnknownError(f"There is no relation {shown!r}.", _there_are(views, tables))
    if node.db != _TABLES and name in views:
        return sqlglot.parse_one(views[name], read="duckdb").subquery(name)  # type: ignore[attr-defined,no-any-return]
    if node.db != public and name in tables:
        return exp.to_table(name)
    raise UnknownError(f"There is no relation {name[:80]!r}.", _there_are(views, tables))


def _there_are(views: Mapping[str, str], tables: Collection[str]) -> str:
    return f"There are the views {', '.join(sorted(views))}; and the tables {', '.join(sorted(tables))}."


def _limited(tree: exp.Query, most_rows: int) -> exp.Query:
    limit = tree.args.get("limit")
    if limit is None:
        return tree.limit(most_rows, copy=False)
    count = limit.expression if isinstance(limit, exp.Limit) else None
    if not (isinstance(count, exp.Literal) and count.is_int):
        raise UsageError("A limit is a number, without a share or ties.", "Write: limit 100")
    return tree.limit(min(int(count.name), most_rows), copy=False)
