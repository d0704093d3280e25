"""An engine that is compacted has the same rows, and its files have nothing of those that were removed."""

from contextlib import closing
from pathlib import Path

from tests.engines.visits import MADE, THREE, VISITS, standing, told, visits
from touchline.engines import Engine, open_engine
from touchline.view import View


def test_rows_are_the_same(filled: Engine, tmp_path: Path) -> None:
    told(filled, [("eve", "e1", 2)])
    filled.define(View("shown", "select * from visits where pages > 1"))
    copy = tmp_path / "copy"
    assert filled.compact(copy) is copy.exists()
    assert (standing(filled), standing(filled, "shown")) == (THREE, [THREE[2]])
    filled.replace(VISITS, MADE, {})  # it goes on, and can be compacted again
    assert filled.compact(copy) is copy.exists()
    assert standing(filled) == [("eve", "e1", 20)]


def test_no_byte_of_a_removed_row_is_in_the_copy(tmp_path: Path) -> None:
    file, copy = tmp_path / "engine.duckdb", tmp_path / "it's a copy"
    with closing(open_engine(None, file)) as engine:
        engine.create(VISITS)
        engine.append(VISITS, visits([(f"erased-person-{n}", f"v{n}", n) for n in range(5_000)]))
        engine.append(VISITS, visits([("kept-person", "k", 1)]))
    with closing(open_engine(None, file)) as engine:
        told(engine, [("kept-person", "k", 1)])
        engine.replace(VISITS, MADE.replace("10 * ", ""), {})
        copy.write_bytes(b"a copy that was left behind")
        assert engine.compact(copy)
        before = standing(engine)
    assert b"erased-person" in file.read_bytes()  # otherwise there would be no need
    assert b"erased-person" not in copy.read_bytes()
    assert b"kept-person" in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    with closing(open_engine(None, copy)) as engine:
        assert standing(engine) == before == [("kept-person", "k", 1)]
