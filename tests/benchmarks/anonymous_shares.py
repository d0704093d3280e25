"""What the demo's channel shares become if its site recognizes nobody, as ``visitor_ids`` says: a table, and a figure.

    python -m tests.benchmarks.anonymous_shares [--visitors 2000] [--seed 7]

The demo's browsers get what ``cookieless`` and ``anonymous`` give them: a hash of the day, as visitor or as visit
alone. Events that the shop's server sends name no browser and no visit, so that nothing could lead to them: they are
left out of all columns, and a site that recognizes nobody has its pages report orders. Shares are of conversions, by
last touch.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from touchline import demo
from touchline.engines.answers import python_rows
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home
from touchline.visitor_ids import VisitorIds

_CREDIT = "select channel, sum(credit) as credit from attribution_links where model = 'LAST_TOUCH' group by 1"
_NUMBER = "select count(*) as number from conversions where is_counted"
_PERSONAL = ("anonId", "sessionId", "userId", "emailHash", "emailVerified", "accountId")
_NOBODY = "(unattributed)"


@dataclass(frozen=True)
class Shares:
    """What one choice leads to."""

    by_channel: dict[str, float]
    """Shares of the credited conversions, from 0 to 1."""
    conversions: int
    """How many conversions there are."""

    def farthest(self, other: "Shares") -> float:
        """The largest difference of a channel's share, in percentage points."""
        names = self.by_channel.keys() | other.by_channel.keys()
        return 100 * max(abs(self.by_channel.get(name, 0) - other.by_channel.get(name, 0)) for name in names)


def main() -> None:
    """Print the shares by channel for each choice, and how far the farthest is from those with cookies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    choices: tuple[VisitorIds, ...] = ("cookies", "cookieless", "anonymous")
    found = {choice: shares(choice, visitors=asked.visitors, seed=asked.seed) for choice in choices}
    print(f"{'channel':<24}" + "".join(f"{choice:>12}" for choice in choices))
    for name in sorted(found["cookies"].by_channel, key=found["cookies"].by_channel.__getitem__, reverse=True):
        print(f"{name:<24}" + "".join(f"{one.by_channel.get(name, 0):>12.1%}" for one in found.values()))
    print(f"{'conversions':<24}" + "".join(f"{one.conversions:>12,}" for one in found.values()))
    points = "".join(f"{one.farthest(found['cookies']):>12.1f}" for one in found.values())
    print(f"{'farthest share, points':<24}{points}")


def shares(choice: VisitorIds, *, visitors: int, seed: int) -> Shares:
    """The demo's shares under a choice."""
    with tempfile.TemporaryDirectory() as folder:
        shop = demo.generate(Path(folder) / "files", seed=seed, visitors=visitors)
        end = datetime.combine(shop.truth.last_date + timedelta(days=2), time(), UTC)
        now = int(end.timestamp()) * 1_000_000
        home = Home(Path(folder) / "home")
        setup.init(
            home, name=demo.ORGANIZATION, domain=demo.SITE_DOMAIN, currency=demo.CURRENCY, time_zone=demo.TIME_ZONE,
            now=now,
        )  # fmt: skip
        file = Path(folder) / "events.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(_seen_so(choice, shop))
        with Workspace(home) as workspace:
            setup.remove_goal(workspace, workspace.organization()["organization_id"], setup.DEFAULT_GOAL)
            goal = demo.GOALS[0]
            setup.set_goal(workspace, workspace.organization()["organization_id"], setup.Goal(**vars(goal)))
            importing.import_events(workspace, [file], site_id=None, mapping=None, now=now)
            running.run(workspace)
            credit = Counter(
                {row["channel"]: int(row["credit"]) for row in python_rows(workspace.engine.select(_CREDIT))}
            )
            (counted,) = workspace.engine.select(_NUMBER).to_pylist()
    whole = sum(value for name, value in credit.items() if name and name != _NOBODY)
    by_channel = {name: value / whole for name, value in credit.items() if name and name != _NOBODY}
    return Shares(by_channel, counted["number"])


def _seen_so(choice: VisitorIds, shop: demo.DemoShop) -> Iterator[str]:
    for file in shop.event_files:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    said = json.loads(line)
                except ValueError:  # the demo has lines that are rejected
                    yield line
                else:
                    if "anonId" in said:
                        yield json.dumps(seen_so(choice, said)) + "\n"


def seen_so(choice: VisitorIds, event: dict[str, Any]) -> dict[str, Any]:
    """An event of a browser as a server with this choice keeps it."""
    if choice == "cookies":
        return event
    said = f"{event.get('occurredAt', '')[:10]} {event['anonId']} {event.get('userAgent', '')}"
    digest = sha256(said.encode()).hexdigest()
    visit = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    dropped = _PERSONAL if choice == "anonymous" else _PERSONAL[:2]
    ids = {"sessionId": visit} if choice == "anonymous" else {"sessionId": visit, "anonId": visit}
    return {**{name: value for name, value in event.items() if name not in dropped}, **ids}


if __name__ == "__main__":
    main()
