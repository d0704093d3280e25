"""How much memory a run may hold: what the setting says, and what this process may use."""

from pathlib import Path

import pytest

from touchline.errors import UsageError
from touchline.memory import LEAST_BYTES, Memory, available_bytes, memory_from
from touchline.settings import Home, home_from

GB = 10**9
MACHINE = 24 * 2**30
NO_LIMIT = "9223372036854771712\n"
"""What version 1 writes where there is none."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 12 * GB), ("  ", 12 * GB), ("4GB", 4 * GB), ("4gb", 4 * GB), (" 4 GB ", 4 * GB), ("4GiB", 4 * 2**30),
        ("512MB", 512 * 10**6), ("512 MiB", 512 * 2**20), ("1.5GB", 1_500_000_000), ("900000KB", 900_000_000),
        ("25%", 6 * GB), ("12.5 %", 3 * GB), ("100%", 24 * GB), ("24GB", 24 * GB), ("0.01TB", 10 * GB),
    ],
)  # fmt: skip
def test_it_is_a_size_or_a_share_and_half_by_default(text: str, expected: int) -> None:
    assert memory_from(text, 24 * GB) == Memory(expected)


@pytest.mark.parametrize(
    "text",
    ["4", "4G", "GB", "-4GB", "4e9", "1_0GB", "٤GB", "nan%", "inf GB", "%", "4GB/2", "4,5GB", "0x4GB", "4 G B", "4B"],
)
def test_what_is_no_size_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(UsageError, match="TOUCHLINE_MEMORY is") as raised:
        memory_from(text, 24 * GB)
    assert "4GB, 512MB or 2GiB, or a share such as 25%" in raised.value.hint


@pytest.mark.parametrize("text", ["0GB", "0%", "1%", "399MB", "24.1GB", "101%", "999999999999999TB"])
def test_what_there_is_not_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match="TOUCHLINE_MEMORY is") as raised:
        memory_from(text, 24 * GB)
    assert "at least 400MB and at most 24GB" in raised.value.hint


def test_a_small_machine_gives_what_a_run_needs_at_least() -> None:
    assert memory_from("", 500_000_000) == Memory(LEAST_BYTES)


def machine(root: Path, cgroup: str, files: dict[str, str]) -> Path:
    told = {
        "proc/meminfo": f"MemTotal:       {MACHINE // 1024} kB\nMemFree: 1 kB\n",
        "proc/self/cgroup": cgroup,
        **files,
    }
    for name, text in told.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


V2, V1 = "0::/system.slice/touchline.service\n", "4:memory:/docker/abc\n3:cpu:/\n0::/\n"
OWN, PARENT = "sys/fs/cgroup/system.slice/touchline.service", "sys/fs/cgroup/system.slice"
OWN_MAX, PARENT_MAX = f"{OWN}/memory.max", f"{PARENT}/memory.max"


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        pytest.param(V2, {}, MACHINE, id="no limit is written"),
        pytest.param("", {}, MACHINE, id="no control groups"),
        pytest.param(V2, {f"{OWN}/memory.max": "max\n"}, MACHINE, id="v2, unlimited"),
        pytest.param(V2, {f"{OWN}/memory.max": f"{4 * GB}\n"}, 4 * GB, id="v2, its own"),
        pytest.param(V2, {OWN_MAX: "max\n", PARENT_MAX: f"{3 * GB}\n"}, 3 * GB, id="v2, parent's"),
        pytest.param(V2, {OWN_MAX: f"{4 * GB}\n", PARENT_MAX: f"{3 * GB}\n"}, 3 * GB, id="v2, the least"),
        pytest.param(V2, {f"{OWN}/memory.high": f"{2 * GB}\n"}, 2 * GB, id="v2, where it is slowed down"),
        pytest.param("0::/\n", {"sys/fs/cgroup/memory.max": f"{5 * GB}\n"}, 5 * GB, id="v2, in a container"),
        pytest.param(V2, {f"{OWN}/memory.max": f"{64 * GB}\n"}, MACHINE, id="more than the machine has"),
        pytest.param("0::/x\n", {"sys/fs/cgroup/unified/x/memory.max": f"{GB}\n"}, GB, id="v2 beside v1"),
        pytest.param(V1, {"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": f"{GB}\n"}, GB, id="v1, its own"),
        pytest.param(V1, {"sys/fs/cgroup/memory/docker/memory.limit_in_bytes": f"{GB}\n"}, GB, id="v1, parent's"),
        pytest.param(V1, {"sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GB}\n"}, GB, id="v1, in a container"),
        pytest.param(V1, {"sys/fs/cgroup/memory/memory.limit_in_bytes": NO_LIMIT}, MACHINE, id="v1, unlimited"),
    ],
)  # fmt: skip
def test_a_control_group_or_one_above_it_limits_what_may_be_used(
    tmp_path: Path, cgroup: str, files: dict[str, str], expected: int
) -> None:
    assert available_bytes(machine(tmp_path, cgroup, files)) == expected


def test_the_environment_says_it_and_nonsense_is_refused_whatever_the_command() -> None:
    assert home_from({"TOUCHLINE_MEMORY": "512MB"}).memory == Memory(512_000_000)
    assert Home(Path("/srv")).memory == Memory(max(available_bytes() // 2, LEAST_BYTES))
    with pytest.raises(UsageError, match="TOUCHLINE_MEMORY is 'plenty'"):
        home_from({"TOUCHLINE_MEMORY": "plenty"})
