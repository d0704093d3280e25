"""A seed draws the same mutants; they are faults, and no two are the same."""

from random import Random

from tests.conftest import REPOSITORY
from tests.mutation import sampling

FILES = [
    "src/touchline/sql.py", "src/touchline/sessions/sessions.sql", "src/touchline/channels/data/platforms.csv",
    "src/touchline/spend/formats/fivetran_ad_reporting.toml",
]  # fmt: skip


def drawn(seed: int, number: int = 30) -> list[str]:
    return [mutant.mutated for mutant in sampling.sample(REPOSITORY, FILES, number, Random(seed))]


def test_a_seed_draws_the_same() -> None:
    samples = [drawn(seed) for seed in (1, 1, 2)]
    assert samples[0] == samples[1]
    assert samples[0] != samples[2]


def test_mutants_are_different_faults_of_all_files() -> None:
    mutants = sampling.sample(REPOSITORY, FILES, 30, Random(3))
    assert len({mutant.mutated for mutant in mutants}) == 30
    assert {mutant.file for mutant in mutants} == set(FILES)
    kinds = [sampling.LANGUAGES["." + mutant.file.rsplit(".")[-1]] for mutant in mutants]
    assert [m.name for m, kind in zip(mutants, kinds, strict=True) if not kind.is_fault(m.text, m.mutated)] == []


def test_a_small_file_is_used_up() -> None:
    only = ["src/touchline/scope/agents.sql"]
    mutants = sampling.sample(REPOSITORY, only, 10_000, Random(4))
    assert 0 < len(mutants) <= len(sampling.all_of(REPOSITORY, only[0]))
