"""A small world that every rule in Python has a say in, and a run of it by a copy of the code with one rule changed."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, told
from tests.oracle.world import Row, Tables, World, at, claim, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB

PACKAGES = ("touchline", "attribution_campaign_context", "publicsuffixlist")


@dataclass(frozen=True)
class Change:
    """One rule changed: in ``file`` (below the folder of the packages) ``old`` is ``new``; ``table`` shows it."""

    file: str
    old: str
    new: str
    table: str


@dataclass(frozen=True)
class Answer:
    """What a plain run with a changed rule did, and the tables that it left."""

    is_rebuild: bool
    stale: str
    """How the tables of a run that made not everything again differ from those of a rebuild; ``""``: not at all."""
    tables: Tables


def page(number: int, visitor: str, **said: Any) -> Row:
    return event(
        f"p-{visitor}-{number}", at("2026-03-01 10:00"), visitor_id=visitor, url="https://shop.example/",
        page_domain="shop.example", is_verified=False, **said,
    )  # fmt: skip


def of_host(host: str) -> Row:
    return {"referrer": f"https://{host}/", "referrer_host": host, "referrer_domain": host}


SHOWN: tuple[Row, ...] = (
    {"utm_medium": "podcast"},
    {"utm_medium": "mailchimp_spring"},
    {"utm_source": "google", "utm_medium": "CPC"},
    {"utm_source": "shop-newsletter", "utm_medium": "boosted"},
    {"utm_source": "facebook-promo"},
    {"utm_source": "facebook", "utm_medium": "cpc"},
    {"click_id_names": "gclid"},
    of_host("google.com"),
    of_host("google.co.uk"),
    {"user_agent": "Tizen/1"},
    {"user_agent": "Phone/1 Mobile"},
)
"""What one visitor each shows."""


def logins() -> list[Row]:
    """One visitor with one user; and one whom two users share, which only a stranger says."""
    said = [("one", "x"), ("two", "y"), ("two", "z")]
    return [
        event(
            f"l-{user}", at("2026-03-01 11:00"), type="IDENTIFY", visitor_id=visitor, user_id=user, is_verified=False,
        )
        for visitor, user in said
    ]  # fmt: skip


def landings() -> list[Row]:
    """Ten a day, of which none, one, none, one, … are direct; on the last day most of them."""
    direct = [*(day % 2 for day in range(14)), 8]
    google: dict[str, Any] = {"utm_source": "google", "utm_medium": "cpc"}
    return [
        event(
            f"d-{day}-{number}", at(f"2026-03-{day + 1:02} 12:00"), visitor_id=f"d-{day}-{number}",
            url="https://shop.example/", page_domain="shop.example",
            **({} if number < count else google),
        )
        for day, count in enumerate(direct) for number in range(10)
    ]  # fmt: skip


def latecomer() -> Row:
    """After days on which nobody came."""
    return event(
        "late", at("2026-03-22 12:00"), visitor_id="late", url="https://shop.example/", page_domain="shop.example"
    )


def order() -> Row:
    said: dict[str, Any] = {"type": "CONVERSION", "visitor_id": "d-9-9", "value_micros": 10_000_000, "order_id": "A"}
    return event("order", at("2026-03-11 12:00"), **said)


COSTS = [
    cost(date(2026, 3, 10), 9_000_000, campaign_id="7", campaign_name="Spring"),
    cost(date(2026, 3, 10), 1_000_000, platform="META", campaign_id="9", campaign_name="Reel"),
]
CAMPAIGNS: dict[str, tuple[int, int, int]] = {
    "fine": (20, 30, 20), "dear": (60, 4, 20), "barren": (40, 0, 20), "poor": (30, 20, 1), "untagged": (5, 0, 0),
}  # fmt: skip
"""By campaign, what a day costs, its orders in fifteen days, and the value of an order; a value of 0: no visits."""


def spending() -> list[Row]:
    return [
        cost(date(2026, 3, day + 1), spend * 1_000_000, campaign_id=name, campaign_name=name)
        for name, (spend, _, _) in CAMPAIGNS.items()
        for day in range(15)
    ]


def buying() -> Iterator[Row]:
    """Each campaign has a visitor a day and one for each order, who buys on the next day or, one of five, later."""
    for name, (_, orders, value) in CAMPAIGNS.items():
        for number in range((orders + 15) if value else 0):
            visitor, day = f"c-{name}-{number}", number % 12
            tagged: dict[str, Any] = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": name, "utm_id": name}
            yield event(
                f"v-{visitor}", at(f"2026-03-{day + 1:02} 08:00"), visitor_id=visitor, url="https://shop.example/",
                page_domain="shop.example", **tagged, campaign_ref=name,
            )  # fmt: skip
            if number < orders:
                yield event(
                    f"o-{visitor}", at(f"2026-03-{day + (1 if number % 5 else 3):02} 09:00"), visitor_id=visitor,
                    type="CONVERSION", value_micros=value * 1_000_000, order_id=f"o-{visitor}",
                )  # fmt: skip


TARGETS: list[Row] = [
    {"organization_id": "o", "platform": "GOOGLE_ADS", "campaign_id": campaign_id, "target_cpa_micros": cpa,
     "target_roas": roas}
    for campaign_id, cpa, roas in (("", 40_000_000, None), ("poor", None, 2.0))
]  # fmt: skip
WORLD = World(
    organization(), [site()], [goal()], TARGETS,
    [
        *(page(number, f"s-{number}", **shown) for number, shown in enumerate(SHOWN)), *logins(), *landings(), order(),
        *buying(), latecomer(),
    ],
    [[*COSTS, *spending()]],
    [claim("a:acme", "a:acme-inc", at("2026-03-01 10:00"))],
)  # fmt: skip


def ledger() -> ListFeed:
    return told([WORLD])


def folder_of(package: str) -> Path:
    return Path(str(files(package)))


def changed_copy(change: Change, folder: Path) -> Path:
    """A folder to import from, in which one file of one package is changed; all else is linked."""
    path = Path(change.file)
    original, copy = folder_of(path.parts[0]), folder / path.parts[0]
    for part in path.parts[1:]:
        copy.mkdir(parents=True)
        for entry in original.iterdir():
            if entry.name not in {part, "__pycache__"}:
                (copy / entry.name).symlink_to(entry)
        original, copy = original / part, copy / part
    copy.write_text(changed_text(change), encoding="utf-8")
    return folder


def changed_text(change: Change) -> str:
    """The file with the changed rule."""
    path = Path(change.file)
    text = folder_of(path.parts[0]).joinpath(*path.parts[1:]).read_text(encoding="utf-8")
    assert text.count(change.old) == 1, f"{change.file} has no such rule any more, or several: {change.old}"
    return text.replace(change.old, change.new)


def forget(packages: Iterable[str]) -> None:
    """Have modules of these packages imported again."""
    for name in [name for name in sys.modules if name.partition(".")[0] in set(packages)]:
        del sys.modules[name]


def run_again(folder: Path, engine_file: Path) -> tuple[bool, str, Tables]:
    """The parts of the answer of a plain run of the same world with the code in ``folder``, in a process of its own."""
    forget((*PACKAGES, "tests"))
    sys.path.insert(0, str(folder))
    from tests.laws import changed_rules as again  # noqa: PLC0415 - with the changed code

    answer = again.ran(engine_file)
    return answer.is_rebuild, answer.stale, answer.tables


def ran(engine_file: Path) -> Answer:
    """A plain run of the world; one that made everything again is a rebuild, and needs no other beside it."""
    with closing(DuckDB(engine_file)) as engine:
        report = pipeline.run(ledger().feed, engine)
        tables = snapshot(engine)
    stale = "" if report.is_rebuild else changes(rebuilt(ledger()), tables)
    return Answer(report.is_rebuild, stale, tables)


def begun(folder: Path) -> Path:
    """The file of an engine after two runs of the world."""
    file = folder / "engine.duckdb"
    with closing(DuckDB(file)) as engine:
        pipeline.run(ledger().feed, engine)
        pipeline.run(ledger().feed, engine)
    return file


def copied(engine_file: Path, folder: Path) -> Path:
    return Path(shutil.copy(engine_file, folder))
