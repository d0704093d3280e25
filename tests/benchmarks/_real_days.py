"""A home of a shop's raw days: CSV files such as ``events_20250223.csv``, read by ``examples/puffy-events.toml``."""

import time
from pathlib import Path

from touchline import pipeline
from touchline.errors import InputError
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

ORGANIZATION = "shop"
_MAPPING = Path(__file__).parents[2] / "examples" / "puffy-events.toml"


def home_of_days(days: Path, folder: Path, *, keeps_bots: bool = False) -> tuple[Home, pipeline.RunReport]:
    """A new home in ``folder`` with the events of all files in ``days``, after one run.

    :param keeps_bots: read no user agent, so that nobody is known to be a bot.
    """
    files = sorted(days.glob("*.csv"))
    if not files:
        raise InputError(f"There are no CSV files in {days}.", "Name the folder of the days.")
    folder.mkdir(parents=True)
    mapping = folder / "mapping.toml"
    lines = _MAPPING.read_text(encoding="utf-8").splitlines(keepends=True)
    mapping.write_text(
        "".join(line for line in lines if not (keeps_bots and line.startswith("userAgent"))), encoding="utf-8"
    )
    home, now = Home(folder / "home"), time.time_ns() // 1000
    setup.init(home, name=ORGANIZATION, domain="puffy.com", currency="USD", time_zone="UTC", now=now)
    with Workspace(home) as workspace:
        importing.import_events(workspace, files, site_id=None, mapping=mapping, now=now)
        return home, running.run(workspace)
