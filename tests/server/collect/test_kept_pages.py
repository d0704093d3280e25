"""A worker keeps pages of a SQLite ledger in memory, as many as the home's setting allows."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from touchline.ledger import Ledger
from touchline.server.collect.collector import COLUMNS
from touchline.server.collect.following import FollowingIntake
from touchline.settings import Home


@pytest.mark.parametrize(("setting", "kept"), [("400MB", 25_000_000), ("1.6GB", 100_000_000), ("6GB", 256 * 2**20)])
def test_the_kept_pages_follow_the_memory_setting(tmp_path: Path, setting: str, kept: int) -> None:
    home = Home(tmp_path, memory_setting=setting)
    with closing(Ledger(home.ledger)):
        intake = FollowingIntake(home, COLUMNS)
        ((said,),) = intake._intake._connected().execute("pragma cache_size")
        asyncio.run(intake.close())
    assert said == -kept // 1024
