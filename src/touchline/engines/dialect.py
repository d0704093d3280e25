"""Turns a statement of the portable subset into an engine's own: table names, and what the subset cannot say."""

from collections.abc import Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from touchline.tables import Table


def rendered(select: str, views: Mapping[str, str], fragments: Mapping[str, str], dialect: str) -> str:
    """``select`` with every table that ``views`` names replaced, and every fragment spelled in the engine's words.

    >>> rendered("select micros(a.seen) as m from t as a", {"t": "u"}, {"micros": "epoch_us({0})"}, "duckdb")
    'SELECT EPOCH_US(a.seen) AS m FROM u AS a'
    """
    return _rendered(select, tuple(sorted(views.items())), tuple(sorted(fragments.items())), dialect)


@lru_cache(maxsize=512)
def _rendered(
    select: str, views: tuple[tuple[str, str], ...], fragments: tuple[tuple[str, str], ...], dialect: str
) -> str:
    tree = sqlglot.parse_one(select, read="duckdb")
    _rename_tables(tree, dict(views))
    return _spell_fragments(tree, dict(fragments), dialect).sql(dialect=dialect, comments=False)


def _rename_tables(tree: exp.Expr, views: Mapping[str, str]) -> None:
    own_names = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in views and table.name not in own_names:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(views[table.name]))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))


def _spell_fragments(tree: exp.Expr, fragments: Mapping[str, str], dialect: str) -> exp.Expr:
    def spelled(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in fragments:
            return node
        arguments = [_spell_fragments(a, fragments, dialect).sql(dialect=dialect) for a in node.expressions]
        body = sqlglot.parse_one(fragments[node.name.lower()].format(*arguments), read=dialect)
        # A call binds closer than any operator; the body in its place has to as well.
        return exp.paren(body, copy=False) if isinstance(body, exp.Binary) else body

    return tree.transform(spelled)


def in_scope(table: Table, scope: str, rows: str) -> str:
    """The condition that the unit of a row of ``rows`` stands in ``scope``, in the words of every engine.

    >>> from touchline.tables import TOUCHPOINTS
    >>> in_scope(TOUCHPOINTS, "scope_persons", "made")
    '(made.person_id) in (select person_id from scope_persons)'
    """
    unit = ", ".join(f"{rows}.{column}" for column in table.unit)
    return f"({unit}) in (select {', '.join(table.unit)} from {scope})"
