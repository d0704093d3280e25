"""A worker keeps pages of a SQLite ledger in memory, as many as the home's setting allows."""

import asyncio
from dataclasses import replace

import pytest

from tests.server.conftest import Place
from touchline.ledger.sqlite_intake import SQLiteIntake
from touchline.server.collect.collector import COLUMNS
from touchline.server.collect.following import FollowingIntake


@pytest.mark.parametrize(("setting", "kept"), [("400MB", 25_000_000), ("1.6GB", 100_000_000), ("6GB", 256 * 2**20)])
def test_the_kept_pages_follow_the_memory_setting(place: Place, setting: str, kept: int) -> None:
    intake = FollowingIntake(replace(place.home, memory_setting=setting), COLUMNS)
    assert isinstance(intake._intake, SQLiteIntake)
    ((said,),) = intake._intake._connected().execute("pragma cache_size")
    asyncio.run(intake.close())
    assert said == -kept // 1024
