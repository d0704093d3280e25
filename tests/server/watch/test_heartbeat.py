"""When a river counts as stuck: a table of what is seen of it."""

import pytest

from touchline.server.watch.heartbeat import Beat, LifeSigns, Patience, Usage

PATIENCE = Patience(silent=10, idle=100, step=3_600)


@pytest.mark.parametrize(
    ("beats", "steps", "cpu", "disk", "seconds", "said"),
    [
        (True, True, 0.0, 0, 7_200, ""),  # an idle river goes round
        (True, True, 1.0, 0, 7_200, ""),  # a rebuild of hours whose steps end
        (True, False, 1.0, 0, 3_000, ""),  # one long statement that computes
        (True, False, 0.0, 10**6, 3_000, ""),  # one that only moves data
        (False, False, 1.0, 0, 3_000, ""),  # code that holds the interpreter, and computes
        (False, False, 0.0, 0, 30, "no heartbeat"),  # SIGSTOP
        (True, False, 0.0, 0, 99, ""),  # a wait that may end
        (True, False, 0.001, 0, 200, "done nothing"),  # a deadlock, a disk that hangs
        (True, False, 1.0, 0, 4_000, "One step"),  # an endless statement
        (False, False, 1.0, 0, 4_000, "One step"),
    ],
)
def test_only_a_river_without_signs_of_life_is_stuck(
    beats: bool, steps: bool, cpu: float, disk: int, seconds: int, said: str
) -> None:
    signs, verdicts = LifeSigns(PATIENCE), []
    for second in range(1, seconds + 1):
        beat = Beat("attribution", second if steps else 1, "ticking", 1) if beats else None
        verdicts.append(signs.look(1.0, beat, Usage(cpu * second, disk * second)))
    first = next(filter(None, verdicts), "")
    assert said in first if said else not first


def test_a_server_engine_may_compute_for_as_long_as_a_step_may_take() -> None:
    signs = LifeSigns(PATIENCE._replace(idle=0))
    verdicts = [signs.look(1.0, Beat("attribution", 1, "ticking", 1), Usage(0, 0)) for _ in range(3_700)]
    assert not any(verdicts[:3_590])
    assert "One step" in verdicts[-1]


@pytest.mark.parametrize(
    ("seconds", "used", "is_idle"),
    [
        (1.0, Usage(0.02, 0), True), (1.0, Usage(0.0201, 0), False), (2.0, Usage(0.04, 0), True),
        (2.0, Usage(0.0401, 0), False), (1.0, Usage(0.0, 65_536), True), (1.0, Usage(0.0, 65_537), False),
        (2.0, Usage(0.0, 131_072), True), (2.0, Usage(0.0, 131_073), False),
    ],
)  # fmt: skip
def test_what_the_beats_alone_take_is_no_activity(seconds: float, used: Usage, is_idle: bool) -> None:
    """Two hundredths of a core, or 64 KiB a second, since the look before."""
    signs = LifeSigns(PATIENCE)
    signs.look(seconds, None, used)
    assert signs.idle_for == (seconds if is_idle else 0.0)
    signs.look(seconds, None, used)  # nothing more than at the look before
    assert signs.idle_for == (2 * seconds if is_idle else seconds)


@pytest.mark.parametrize(
    ("steps", "patience", "said"),
    [
        (None, Patience(silent=10, idle=1_000, step=1_000), "no heartbeat for 11 seconds"),
        (1, Patience(silent=1_000, idle=10, step=1_000), "done nothing for 11 seconds"),
        (1, Patience(silent=1_000, idle=1_000, step=10), "One step has taken 11 seconds"),
    ],
)
def test_patience_ends_after_its_last_second(steps: int | None, patience: Patience, said: str) -> None:
    signs = LifeSigns(patience)
    signs.look(1.0, Beat("sessions", 1, "ticking", 1), Usage(0.0, 0))
    beat = None if steps is None else Beat("sessions", steps, "ticking", 1)
    verdicts = [signs.look(1.0, beat, Usage(0.0, 0)) for _ in range(11)]
    assert verdicts[:10] == [""] * 10
    assert said in verdicts[10]
