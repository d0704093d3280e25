"""The table counts what was tried, and says whether it is enough."""

from tests.mutation import summary
from tests.mutation.mutant import Edit, Mutant
from tests.mutation.summary import Trial
from tests.mutation.trials import Verdict

MUTANT = Mutant("a.py", "a < b\n", Edit(2, 3, "<=", "comparison"))


def trials(area: str, *, mirror: int = 0, laws: int = 0, survived: int = 0) -> list[Trial]:
    verdicts = [Verdict.MIRROR] * mirror + [Verdict.LAWS] * laws + [Verdict.SURVIVED] * survived
    return [Trial(area, MUTANT, verdict) for verdict in verdicts]


def test_numbers_by_area_and_of_all() -> None:
    numbers = summary.tallies([*trials("jobs", mirror=5, laws=2, survived=1), *trials("waste", mirror=2)])
    assert summary.table(numbers).splitlines()[1:] == [
        "jobs              8        5        2         1    87.5%",
        "waste             2        2        0         0   100.0%",
        "all              10        7        2         1    90.0%",
    ]


def test_enough_is_nine_of_ten_in_an_area_and_nineteen_of_twenty_of_all() -> None:
    good = trials("jobs", mirror=9, survived=1)
    assert summary.is_enough(summary.tallies(good))
    assert not summary.is_enough(summary.tallies(trials("jobs", mirror=8, survived=1)))
    assert summary.is_enough(summary.tallies([*good, *trials("waste", mirror=10)]))
    assert not summary.is_enough(summary.tallies([*good, *trials("waste", mirror=9)]))


def test_survivors_name_place_and_fault() -> None:
    said = summary.survivors([*trials("jobs", mirror=1), *trials("jobs", survived=1)])
    assert said == "a.py:1 comparison\n@@ -1 +1 @@\n-a < b\n+a <= b"
