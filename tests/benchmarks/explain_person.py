"""How long ``explain person`` takes for one person with very many names, against one pass over the same tables.

    python -m tests.benchmarks.explain_person [--ids 200000] [--times 7]

The person is a user id that a verified event and a claim tie to each of the browsers. The tables are written as a run
leaves them; the answer is the first hundred names and pairs, and how many there are. The floor is one ``SELECT`` of the
same engine that reads every name and every pair of the tables once. The bar is 2 seconds for 200,000 ids.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reports.crowds import crowd
from touchline.reports.person import explain_person

BAR_SECONDS = 2.0
FLOOR = """
    select max(identifier) as identifier, max(other) as other
    from (
        select identifier, person_id as other from identities
        union all
        select identifier, linked_identifier as other from identity_edges
    ) as pairs
"""


def main() -> None:
    """Write the tables, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, crowd(asked.ids, Path(folder) / "engine.duckdb") as engine:
        found = explain_person(engine, "o", "u:42")
        assert (found.identifier_count, len(found.identifiers), len(found.ties)) == (asked.ids, 100, 100)
        told, floors = [], []
        for _ in range(asked.times):
            told.append(seconds(lambda: explain_person(engine, "o", "u:42")))
            floors.append(seconds(lambda: engine.select(FLOOR)))
    answer, floor = statistics.median(told), statistics.median(floors)
    print(f"{'ids':>9} {'seconds':>9} {'floor':>9} {'times the floor':>16} {'bar':>6}")
    print(f"{asked.ids:>9,} {answer:>9.3f} {floor:>9.3f} {answer / floor:>16.1f} {BAR_SECONDS:>6.1f}")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
