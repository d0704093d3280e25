"""How many sessions and orders each disputed rule moves, on a shop's real days.

    python -m tests.benchmarks.disputed_rules FOLDER [--page docs/explanation/disputed-rules.md]

FOLDER has the shop's raw events, one CSV a day. Only totals are printed. ``--page`` writes them as a page of the
documentation.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks._real_days import ORGANIZATION, home_of_days
from touchline.engines.answers import python_rows
from touchline.jobs import running, setup
from touchline.jobs.channel_diff import channel_diff
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

COMMAND = "python -m tests.benchmarks.disputed_rules FOLDER --page docs/explanation/disputed-rules.md"
AD_CLICKS_FIRST = """
[[rule]]
id = "ad-click-first"
channel = "Paid Search"
click = ["gclid", "gbraid", "wbraid"]
"""
_TOTALS = """
select
  (select count(*) from sessions) as sessions,
  (select count(*) from conversions where is_counted) as orders,
  (select count(*) from touchpoints as t join evidence_channels as e on e.evidence_id = t.evidence_id
   where t.is_landing and e.channel = 'Direct') as direct_sessions
"""
_LAST_CHANNEL = "select conversion_id, channel from attribution_links where model = 'LAST_TOUCH' and credit > 0"
_DIRECT_AFTER_ANOTHER = """
select count(*) as sessions
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
where t.is_landing and e.channel = 'Direct' and exists (
  select 1 from touchpoints as b
  join evidence_channels as c on c.evidence_id = b.evidence_id
  where b.person_id = t.person_id and b.occurred_at < t.occurred_at and c.channel <> 'Direct'
)
"""
_TOUCHES_OF_OTHER_EVENTS = """
select count(distinct t.session_id) as sessions, count(distinct l.conversion_id) as orders
from touchpoints as t
join tracking_events as e on t.touchpoint_id = e.site_id || ':' || e.event_id
left join attribution_links as l on l.touchpoint_id = t.touchpoint_id and l.model = 'LAST_TOUCH'
  and l.credit > 0
where e.type <> 'PAGE_VIEW'
"""


@dataclass(frozen=True)
class Disputed:
    """A rule about which products differ, and what it moves."""

    question: str
    sessions: int
    orders: int
    moves: str


@dataclass(frozen=True)
class Figures:
    """What the rules move in all."""

    sessions: int
    orders: int
    rules: tuple[Disputed, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args(arguments)
    page = page_of(measured(asked.folder))
    if asked.page:
        asked.page.write_text(page, encoding="utf-8")
    print(page)


def measured(days: Path) -> Figures:
    """What each rule moves on these days."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home, _ = home_of_days(days, folder / "as they are")
        (folder / "rules.toml").write_text(AD_CLICKS_FIRST, encoding="utf-8")
        with Workspace(home) as workspace:
            totals = _totals(workspace)
            rules = (
                _affiliates(workspace, folder / "rules.toml"),
                _bots(totals, home_of_days(days, folder / "with bots", keeps_bots=True)[0]),
                _direct(workspace),
                _other_events(workspace),
            )
    return Figures(totals["sessions"], totals["orders"], rules)


def _totals(workspace: Workspace) -> dict[str, int]:
    return {name: int(value) for name, value in python_rows(workspace.engine.select(_TOTALS))[0].items()}


def _affiliates(workspace: Workspace, rules: Path) -> Disputed:
    """Touchline believes the affiliate; other products believe the ad's click id."""
    diff = channel_diff(workspace, ORGANIZATION, "current", str(rules))
    moves = [move for move in diff.moves if move.old_channel == "Affiliates"]
    return Disputed(
        "An affiliate's link carries the click id of a Google ad: is it Affiliates, or Paid Search?",
        sum(move.sessions for move in moves), round(sum(move.conversions for move in moves)),
        "from Affiliates to Paid Search if the ad's click id decided",
    )  # fmt: skip


def _bots(dropped: dict[str, int], home: Home) -> Disputed:
    with Workspace(home) as workspace:
        kept = _totals(workspace)
    direct = kept["direct_sessions"] - dropped["direct_sessions"]
    return Disputed(
        "Are the hits of bots that name themselves in the user agent dropped, or kept?",
        kept["sessions"] - dropped["sessions"], kept["orders"] - dropped["orders"],
        f"more if bots were kept; {direct:,} more are Direct",
    )  # fmt: skip


def _direct(workspace: Workspace) -> Disputed:
    sessions = int(python_rows(workspace.engine.select(_DIRECT_AFTER_ANOTHER))[0]["sessions"])
    before = _last_channels(workspace)
    setup.change_setting(workspace, ORGANIZATION, "direct", "include", now=2)
    running.run(workspace)
    after = _last_channels(workspace)
    setup.change_setting(workspace, ORGANIZATION, "direct", "unless_only", now=3)
    running.run(workspace)
    return Disputed(
        "A person comes back without any evidence: is it Direct, or does the channel before keep the credit?",
        sessions, sum(before[order] != after[order] for order in before),
        "Direct sessions after another channel, and orders that would be Direct (`direct` = `include`)",
    )  # fmt: skip


def _last_channels(workspace: Workspace) -> dict[str, str]:
    return {row["conversion_id"]: row["channel"] for row in python_rows(workspace.engine.select(_LAST_CHANNEL))}


def _other_events(workspace: Workspace) -> Disputed:
    found = python_rows(workspace.engine.select(_TOUCHES_OF_OTHER_EVENTS))[0]
    return Disputed(
        "Does the evidence count that an order or a sign-up shows, and no page view?",
        int(found["sessions"]), int(found["orders"]),
        "with such a touch, which they would not have without the rule",
    )  # fmt: skip


_PAGE = """# What the disputed rules move

Products differ in some rules, and no rule is right for everybody. This page says how much each of them moves on
seven real days of a shop: {sessions:,} sessions and {orders:,} orders (last touch). Only these totals are public.

| question | sessions | orders | which are |
|---|---:|---:|---|
{rows}

A program wrote this page. `FOLDER` has raw events, one CSV a day, as `examples/puffy-events.toml` reads them:

```sh
{command}
```

See for yourself: `touchline channels diff current FILE` shows what rules of your own would move in your home, and
`touchline settings set direct include` gives Direct credit like any other channel.
[The channel ladder](../decisions/channel-ladder.md) says why the rules are as they are.
"""


def page_of(figures: Figures) -> str:
    """The page of the documentation."""
    rows = [f"| {one.question} | {one.sessions:,} | {one.orders:,} | {one.moves} |" for one in figures.rules]
    return _PAGE.format(sessions=figures.sessions, orders=figures.orders, rows="\n".join(rows), command=COMMAND)


if __name__ == "__main__":
    main()
