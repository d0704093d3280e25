"""Each operator makes the fault that it says, and leaves alone what no test should hold."""

import pytest

from tests.mutation import python_faults, script_faults, sql_faults, table_faults
from tests.mutation.mutant import Edit, Mutant
from tests.mutation.sampling import LANGUAGES


def mutated(ending: str, text: str, operator: str) -> set[str]:
    """What an operator makes of a text."""
    language = LANGUAGES[ending]
    made = {edit.apply(text) for edit in language.faults(text) if edit.operator == operator}
    return {other for other in made if language.is_fault(text, other)}


PYTHON = [
    ("comparison", "a < b", {"a <= b", "a >= b"}),
    ("comparison", "(a) not in (b)", {"(a) in (b)"}),
    ("comparison", "a is None", {"a is not None"}),
    ("comparison", "0 < a <= b", {"0 <= a <= b", "0 >= a <= b", "0 < a < b", "0 < a > b"}),
    ("and/or", "a and b or c", {"a or b or c", "a and b and c"}),
    ("condition dropped", "a and b", {"True and b", "a and True"}),
    ("condition dropped", "[a for a in b if c]", {"[a for a in b if True]"}),
    ("condition negated", "[a for a in b if c]", {"[a for a in b if (not (c))]"}),
    ("condition negated", "a = b if c else d", {"a = b if (not (c)) else d"}),
    ("condition negated", "a = not b", {"a = (b)"}),
    ("branch removed", "if a:\n    b()", {"if False:\n    b()"}),
    ("branch removed", "if a:\n    b()\nelse:\n    c()", set()),
    ("statement removed", "async def f():\n    await a.b()", {"async def f():\n    pass"}),
    ("statement removed", "self.a = b", {"pass"}),
    ("statement removed", "a = b", set()),
    ("statement removed", "a += b", {"pass"}),
    ("statement removed", "raise a('words') from b", {"pass"}),
    ("statement removed", "def f():\n    yield a", {"def f():\n    pass"}),
    ("statement removed", "log.info('a')", set()),
    ("constant", "a = 3.5", {"a = 4.5", "a = 2.5"}),
    ("constant", "a = True", {"a = False"}),
    ("text", "a = 'b'", {"a = 'b~'"}),
    ("text", "a = 'words for people'", set()),
    ("text", "raise a('b')", set()),
    ("text", "'a'", set()),
    ("text", "a: Literal['b'] = c", set()),
    ("text", "a = f'{b}c'", set()),
    ("arithmetic", "a + b", {"a - b"}),
    ("arithmetic", "a + 'b'", set()),
    ("arithmetic", "a // b", {"a * b"}),
    ("arithmetic", "a: b | c", set()),
    ("result lost", "def f():\n    return a", {"def f():\n    return None"}),
    ("result negated", "def f():\n    return a == b", {"def f():\n    return (not (a == b))"}),
    ("entry dropped", "{'a', b}", {"{b}", "{'a', }"}),
    ("entry dropped", "{'a': 1, **b}", {"{ **b}"}),
    ("entry dropped", "a, b = c", set()),
    ("entry dropped", "(a, b)", set()),
    ("rules swapped", "(a(1), a(2), a(3), b)", {"(a(2), a(1), a(3), b)", "(a(1), a(3), a(2), b)"}),
    ("argument dropped", "a(b, secure=True)", {"a(b, )"}),
    ("argument dropped", "a(b=1, c=2)", {"a( c=2)", "a(b=1, )"}),
    ("min/max/any/all", "min(a, b)", {"max(a, b)"}),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "text", "expected"), PYTHON)
def test_python(operator: str, text: str, expected: set[str]) -> None:
    assert mutated(".py", text, operator) == expected


def test_every_operator_of_python_is_shown() -> None:
    everything = "\n".join(text for _, text, _ in PYTHON if "await" not in text)
    made = {edit.operator for edit in python_faults.faults(everything)}
    assert made == {operator for operator, _, _ in PYTHON}


def test_a_place_after_letters_of_several_bytes_is_found() -> None:
    assert mutated(".py", "a = 'ä€' == b\n", "comparison") == {"a = 'ä€' != b\n"}


SQL = [
    ("comparison", "select a from t where a <= 1", {"select a from t where a < 1", "select a from t where a > 1"}),
    ("and/or", "select a from t where a and b", {"select a from t where a or b"}),
    ("and/or", "select a from t where a between 1 and 2", set()),
    ("condition dropped", "select a from t where a and b between 1 and 2",
     {"select a from t where true and b between 1 and 2", "select a from t where a and true"}),
    ("condition dropped", "select a from t join s on t.a = s.a", {"select a from t join s on true"}),
    ("condition dropped", "select a from t group by a having count(*) > 1", {"select a from t group by a having true"}),
    ("condition negated", "select not a from t", {"select  a from t"}),
    ("aggregate", "select sum(a), min(b) from t", {"select max(a), min(b) from t", "select sum(a), max(b) from t"}),
    ("join kind", "select a from t left join s on true", {"select a from t  join s on true"}),
    ("join kind", "select a from t join s on true", {"select a from t left join s on true"}),
    ("coalesce", "select coalesce(a, f(b, 0)) from t", {"select a from t", "select f(b, 0) from t"}),
    ("constant", "select 7 from t", {"select 8 from t", "select 6 from t"}),
    ("text", "select a from t where b = 'c'", {"select a from t where b = 'c~'"}),
    ("order", "select a from t order by a desc", {"select a from t order by a asc"}),
    ("union", "select a from t union all select b from t", {"select a from t union  select b from t"}),
    ("distinct", "select count(distinct a) from t", {"select count( a) from t"}),
    ("distinct", "select a is distinct from b from t", set()),
    ("branches swapped", "select case when a then 1 when b then (2) else 3 end from t",
     {"select case when a then (2) when b then 1 else 3 end from t",
      "select case when a then 1 when b then 3 else (2) end from t"}),
    ("window", "select sum(a) over (order by a rows 1 preceding) from t",
     {"select sum(a) over (order by a rows 1 following) from t"}),
    ("arithmetic", "select a + b from t", {"select a - b from t"}),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "text", "expected"), SQL)
def test_sql(operator: str, text: str, expected: set[str]) -> None:
    assert mutated(".sql", text, operator) == expected


def test_every_operator_of_sql_is_shown() -> None:
    made = {edit.operator for _, text, _ in SQL for edit in sql_faults.faults(text)}
    assert made == {operator for operator, _, _ in SQL}


def script(body: str) -> str:
    """A script of the shape that the tracker's build knows."""
    return "((page) => { const one = page.one; const go = (a) => { " + body + " }; })(window);"


SCRIPT = [
    ("operator", "if (a && one) a.b();", {"if (a || one) a.b();"}),
    ("condition negated", "if (a) a.b();", {"if (!(a)) a.b();"}),
    ("branch removed", "if (a) a.b();", {"if (false) a.b();"}),
    ("statement removed", "one.clear(); return a;", {"; return a;"}),
    ("statement removed", "if (a) return; one.c();", {"if (a) ; one.c();", "if (a) return; ;"}),
    ("constant", "return a.b(100);", {"return a.b(101);", "return a.b(99);"}),
    ("constant", "return a.b(18e5);", {"return a.b(3600000);", "return a.b(900000);"}),
    ("text", 'return a.b("c");', {'return a.b("c~");'}),
]


@pytest.mark.parametrize(("operator", "body", "expected"), SCRIPT)
def test_script(operator: str, body: str, expected: set[str]) -> None:
    assert mutated(".js", script(body), operator) == {script(other) for other in expected}


def test_every_operator_of_the_script_is_shown() -> None:
    made = {edit.operator for _, body, _ in SCRIPT for edit in script_faults.faults(script(body))}
    assert made == {operator for operator, _, _ in SCRIPT}


def test_table_of_facts() -> None:
    table = "host,kind\na,search\nb,social\n"
    assert {edit.apply(table) for edit in table_faults.faults(table)} == {
        "host,kind\nb,social\n", "host,kind\na,search\n", "host,kind\na,social\nb,social\n",
    }  # fmt: skip


def test_diff_shows_the_line() -> None:
    mutant = Mutant("a.py", "one = 1\ntwo = one < 2\n", Edit(18, 19, "<=", "comparison"))
    assert mutant.diff() == "@@ -2 +2 @@\n-two = one < 2\n+two = one <= 2"
    assert mutant.name == "a.py:2 comparison"
