"""A home with a made-up shop, another organization, and campaigns with hostile names."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.server.conftest import NOW
from touchline import demo
from touchline.jobs import importing, lifting, running, setup, users
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

PASSWORD = "correct horse battery"
OWN, OTHER = "fernwood-home", "rival"
ADA, EVE, ROOT = "ada", "eve", "root"
"""Who sees :data:`OWN`, who sees :data:`OTHER`, and who sees both."""
_MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)", "javascript:alert(1)", "<style>*{display:none}</style>", "</td></tr></table>", "<!--",
    "-->", "<a href=https://evil.example>x</a>", "<base href=https://evil.example>",
    "<form action=https://evil.example>",
    "<iframe src=https://evil.example>", "<meta http-equiv=refresh content=0;url=https://evil.example>", "&lt;b&gt;",
    "&#60;b&#62;", "]]>", "<![CDATA[x]]>", "<?xml version='1.0'?>", "<textarea>", "<title>", "<noscript>",
    "<plaintext>",
    "<object data=x>", "<embed src=x>", "<link rel=stylesheet href=https://evil.example>",
    "<details open ontoggle=alert(1)>",
)  # fmt: skip
_TEMPLATES = ("{{ 7 * 7 }}", "{% for x in y %}", "{# gone #}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "%s%n", "{0}")
_TEXT = (
    "../../etc/passwd", "a/b/c", "?q=1&by=ad#x", "=HYPERLINK(1)", "+1", "-1", "@x", "\u202eevil\u202c", "a\u200bb",
    "x" * 300, "word " * 40, "\N{PILE OF POO}" * 8, "'; drop table users; --", "null", "(unattributed)",
)  # fmt: skip
HOSTILE = (*_MARKUP, *_TEMPLATES, *_TEXT)


@dataclass(frozen=True)
class Shop:
    """The home, and the last day with data."""

    home: Home
    last_day: date


def built(folder: Path) -> Shop:
    """A new one."""
    home = Home(folder / "home")
    shop = demo.generate(folder / "files", seed=3, visitors=700)
    now = NOW * 2
    setup.init(
        home, name=demo.ORGANIZATION, domain=demo.SITE_DOMAIN, currency=demo.CURRENCY, time_zone=demo.TIME_ZONE, now=now
    )
    with Workspace(home) as workspace:
        own = workspace.organization()["organization_id"]
        assert own == OWN
        for goal in demo.GOALS:
            setup.set_goal(workspace, own, setup.Goal(**vars(goal)))
        setup.change_setting(workspace, own, "primary_goal", demo.GOALS[0].goal, now=now)
        setup.set_target(workspace, own, target_cpa_micros=demo.TARGET_CPA_MICROS)
        tested = lifting.Lift(0.5, "A holdout", date(2026, 1, 1), low=0.25, high=0.75)
        lifting.add_lift(workspace, own, lifting.Subject(channel="Paid Search"), tested)
        importing.import_events(workspace, shop.event_files, site_id=None, mapping=None, now=now)
        costs = [shop.cost_file, _hostile(folder, shop.truth.last_date)]
        importing.import_costs(workspace, costs, organization_id=None, now=now)
        setup.add_organization(workspace, name=OTHER, domain="rival.example", currency="USD", time_zone="UTC", now=now)
        running.run(workspace)
        for name, organization in ((ADA, OWN), (EVE, OTHER), (ROOT, None)):
            users.add_user(workspace, name, PASSWORD, organization_id=organization, now=now)
    return Shop(home, shop.truth.last_date)


def _hostile(folder: Path, last_day: date) -> Path:
    """Costs of campaigns whose names want to be more than names."""
    file = folder / "hostile.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["date", "platform", "account_id", "campaign_id", "campaign_name", "clicks", "cost"])
        for number, name in enumerate(HOSTILE):
            day = last_day - timedelta(days=number % 5)
            rows.writerow([day, "TIKTOK", "t", f"c{number}", name, 10, 50 + number])
    return file
