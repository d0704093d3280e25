"""Judges a stage's ``.sql`` file: is its header true, are its columns the declared ones, is it the portable subset?

``findings(name, text)`` says in sentences what is wrong; an empty list means that nothing is. Each rule is one function
over the parsed statement.
"""

from collections.abc import Callable, Iterator, Mapping

import sqlglot
from sqlglot import exp

from touchline import tables
from touchline.engines.duckdb import WORDS
from touchline.included import INCLUDED
from touchline.sql import Query, parsed

Rule = Callable[[exp.Query], Iterator[str]]

FORBIDDEN: Mapping[type[exp.Expr], str] = {
    exp.ArgMax: "arg_max is not in the subset: rank with row_number and keep 1",
    exp.ArgMin: "arg_min is not in the subset: rank with row_number and keep 1",
    exp.Qualify: "qualify is not in the subset: filter in the next CTE",
    exp.Filter: "filter is not in the subset: sum(case when … then 1 else 0 end)",
    exp.AnyValue: "any_value may choose another row each time: take min or max",
    exp.First: "first may choose another row each time: rank with row_number",
    exp.Last: "last may choose another row each time: rank with row_number",
    exp.ArrayAgg: "lists are not in the subset",
    exp.GroupConcat: "string aggregation is not in the subset: it would be a fragment",
    exp.Rand: "chance is not in the subset: a rebuild has to give the same",
    exp.Uuid: "chance is not in the subset: a rebuild has to give the same",
    exp.CurrentDate: "the wall clock is not in the subset: now is an argument",
    exp.CurrentTime: "the wall clock is not in the subset: now is an argument",
    exp.CurrentTimestamp: "the wall clock is not in the subset: now is an argument",
}
RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.Ntile, exp.Lag, exp.Lead)
FRAMED = (exp.Sum, exp.Count, exp.Min, exp.Max, exp.Avg, exp.FirstValue, exp.LastValue, exp.NthValue)
PREDICATES = (exp.Predicate, exp.And, exp.Or, exp.Not)
MOST_BRANCHES = 3


RELATIONS = tables.ALL | INCLUDED


def findings(name: str, text: str) -> list[str]:
    """What is wrong with ``<name>.sql``, or with a file of the folder ``<name>/``."""
    query = parsed(text)
    tree = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(tree, exp.Query):
        return [f"is not one select but {tree.key}"]
    found = [*_header(query), *_reads(query, tree), *_columns(name, query, tree)]
    for rule in RULES:
        found += rule(tree)
    return list(dict.fromkeys(found))


def _header(query: Query) -> Iterator[str]:
    if query.writes not in RELATIONS:
        yield f"header: writes names no declared table: {query.writes!r}"
    for table in query.reads:
        if table not in RELATIONS:
            yield f"header: reads names no declared table: {table!r}"
    if not query.grain:
        yield "header: says no grain"
    if not query.sentence.endswith(".") and "says" not in query.details:
        yield "header: wants one sentence, with a full stop, that says what a row means"


def _reads(query: Query, tree: exp.Query) -> Iterator[str]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    included = {name for name in query.details.get("includes", "").split(", ") if name}
    read = {table.name for table in tree.find_all(exp.Table)} - own
    if surplus := included - read:
        yield f"header: includes names {', '.join(sorted(surplus))}, which is not read"
    read -= included
    if missing := read - set(query.reads):
        yield f"header: reads does not name {', '.join(sorted(missing))}"
    if surplus := set(query.reads) - read:
        yield f"header: reads names {', '.join(sorted(surplus))}, which is not read"
    if shadowed := own & set(RELATIONS):
        yield f"a CTE is named like a table: {', '.join(sorted(shadowed))}"


def _columns(name: str, query: Query, tree: exp.Query) -> Iterator[str]:
    """A file named as a table defines it; any other file feeds Python, and may choose its columns."""
    for select in _branches(tree):
        names = tuple(select.named_selects)
        if "*" in names or "" in names:
            yield "the last select leaves columns unnamed"
        elif name == query.writes and name in RELATIONS and names != RELATIONS[name].column_names:
            yield f"columns are {', '.join(names)}; declared are {', '.join(RELATIONS[name].column_names)}"
    if name in RELATIONS and name != query.writes:
        yield f"is named as the table {name} and writes {query.writes}"


def _branches(tree: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(tree, exp.SetOperation):
        yield from _branches(tree.left)
        yield from _branches(tree.right)
    elif isinstance(tree, exp.Subquery):
        yield from _branches(tree.this)
    elif isinstance(tree, exp.Select):
        yield tree


def forbidden_words(tree: exp.Query) -> Iterator[str]:
    """Words that some engine lacks, or that give another answer another time."""
    for kind, reason in FORBIDDEN.items():
        if tree.find(kind):
            yield reason
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "group by all is not in the subset: name the columns"
    for distinct in tree.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield "distinct on is not in the subset: rank with row_number"


def few_branches(tree: exp.Query) -> Iterator[str]:
    """A union of many sources is a folder with one file each, so that a source is added in one place."""
    for union in tree.find_all(exp.Union):
        size = sum(1 for _ in _branches(union))
        if size > MOST_BRANCHES and not isinstance(union.parent, exp.Union):
            yield f"a union has {size} branches: make it a folder with a file for each"


def known_functions(tree: exp.Query) -> Iterator[str]:
    """A function that the parser does not know must be a fragment, which every engine spells in its own words."""
    for call in tree.find_all(exp.Anonymous):
        if call.name.lower() not in WORDS.fragments:
            yield f"{call.name} is neither portable nor a fragment"


def ordered_windows(tree: exp.Query) -> Iterator[str]:
    """A ranking without an order, or an ordered sum without a frame, means something else on every engine."""
    for window in tree.find_all(exp.Window):
        if window.args.get("alias"):
            yield "a named window hides its order: write it where it is used"
            continue
        order = window.args.get("order")
        if isinstance(window.this, RANKING) and not order:
            yield f"{window.this.key} has a window without order by"
        if isinstance(window.this, FRAMED) and order and not window.args.get("spec"):
            yield f"{window.this.key} is ordered and has no frame: rows between …"
        if order and not _may_be_unique(order.expressions[-1].this):
            yield f"a window's order ends in {order.expressions[-1].this.sql()}, which two rows may share"


def _may_be_unique(last: exp.Expr) -> bool:
    """Two rows may share a time, an amount, a count or a computed value; a name or an id may be unique."""
    return isinstance(last, exp.Column) and not last.name.endswith(("_at", "_date", "_micros", "_count"))


def safe_divisions(tree: exp.Query) -> Iterator[str]:
    """Engines disagree about division by zero, and about the division of two integers."""
    for division in (*tree.find_all(exp.Div), *tree.find_all(exp.IntDiv)):
        divisor = division.expression.unnest()
        number = divisor.this if isinstance(divisor, exp.Cast) else divisor
        is_number = isinstance(number, exp.Literal) and float(number.this) != 0
        is_guarded = isinstance(divisor, exp.Nullif) and divisor.expression.sql() in {"0", "0.0"}
        if not is_number and not is_guarded:
            yield f"division without nullif(…, 0): {division.sql(dialect='duckdb')}"
        if isinstance(division, exp.Div) and not _has_float(division):
            yield f"division of what may be integers (write //, or make one side a float): {division.sql('duckdb')}"


def _has_float(division: exp.Expr) -> bool:
    literals = any("." in literal.this for literal in division.find_all(exp.Literal) if not literal.is_string)
    return literals or any(cast.to.is_type("double") for cast in division.find_all(exp.Cast))


def no_time_subtraction(tree: exp.Query) -> Iterator[str]:
    """``a > b + interval '30' minute`` is portable; ``a - b`` is an interval here, a number there."""
    for minus in tree.find_all(exp.Sub):
        if isinstance(minus.expression, exp.Interval):
            continue
        sides = (minus.this.unnest(), minus.expression.unnest())
        if any(isinstance(side, exp.Column) and side.name.endswith(("_at", "_date")) for side in sides):
            yield f"times are subtracted: {minus.sql(dialect='duckdb')}"


def aliased_joins(tree: exp.Query) -> Iterator[str]:
    """In a join, engines name an unaliased column differently."""
    for select in tree.find_all(exp.Select):
        if select.args.get("joins"):
            for column in select.expressions:
                if not isinstance(column, exp.Alias):
                    yield f"a column of a join has no alias: {column.sql(dialect='duckdb')}"


def no_casted_booleans(tree: exp.Query) -> Iterator[str]:
    """``case when … then 1 else 0 end`` is portable; a boolean as a number is not."""
    for cast in tree.find_all(exp.Cast):
        if isinstance(cast.this.unnest(), PREDICATES):
            yield f"a boolean is cast: {cast.sql(dialect='duckdb')}"


def guarded_totals(tree: exp.Query) -> Iterator[str]:
    """A sum over a whole relation is NULL when there is nothing to sum."""
    for total in tree.find_all(exp.Sum):
        select = total.find_ancestor(exp.Select)
        if isinstance(total.parent, exp.Window) or select is None or select.args.get("group"):
            continue
        if not total.find_ancestor(exp.Coalesce):
            yield f"a sum of nothing is null: coalesce({total.sql(dialect='duckdb')}, 0)"


RULES: tuple[Rule, ...] = (
    forbidden_words,
    few_branches,
    known_functions,
    ordered_windows,
    safe_divisions,
    no_time_subtraction,
    aliased_joins,
    no_casted_booleans,
    guarded_totals,
)
