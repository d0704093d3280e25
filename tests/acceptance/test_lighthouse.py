"""Lighthouse judges every screen as a desk sees it: how soon it is there, who can use it, and what a browser minds.

Its scores are figures of the machine that they are taken on, and the thresholds are those of the project's bars. It
comes with ``make test-all`` only: ``scripts/install_lighthouse.py``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from scripts.install_lighthouse import LOCK, LOCKED, PLACE
from tests.acceptance.conftest import FLAGS
from tests.acceptance.test_pages import VIEWS, Seat, entered
from tests.server.conftest import WIDE
from tests.server.pages.shop import built
from tests.server.serving import serving

LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
"""Scores from 0 to 100."""
MOST = {"first-contentful-paint": 800, "largest-contentful-paint": 1_200, "cumulative-layout-shift": 0.02}
"""Milliseconds, and the share of the screen that moves."""
SECONDS = 120
COMMAND = PLACE / "node_modules" / "lighthouse" / "cli" / "index.js"


def judged(url: str, cookies: str, file: Path) -> dict[str, Any]:
    """The report of one page, by the preset for desks."""
    done = subprocess.run(
        [
            "node", str(COMMAND), url, "--preset=desktop", "--output=json", f"--output-path={file}", "--quiet",
            f"--only-categories={','.join(LEAST)}", f"--extra-headers={json.dumps({'Cookie': cookies})}",
            f"--chrome-flags={' '.join(['--headless=new', *FLAGS])}",
        ],
        env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"}, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def misses(report: dict[str, Any]) -> dict[str, object]:
    """Scores and times beyond the bars, and what the judge minds there."""
    audits = report["audits"]
    scores = {name: report["categories"][name]["score"] * 100 for name in LEAST}
    found: dict[str, object] = {name: score for name, score in scores.items() if score < LEAST[name]}
    found |= {name: value for name, most in MOST.items() if (value := audits[name]["numericValue"]) > most}
    if found:
        found["minds"] = {name: one["title"] for name, one in audits.items() if one["score"] not in {None, 1}}
    return found


def test_the_judge_is_the_one_that_the_bars_name() -> None:
    locked = json.loads((LOCKED / LOCK).read_text(encoding="utf-8"))["packages"]
    assert locked["node_modules/lighthouse"]["version"].startswith("12.2.")
    assert [name for name, one in locked.items() if name and "integrity" not in one] == []
    assert [name for name, one in locked.items() if "resolved" in one] == []


def test_what_is_beyond_a_bar_is_a_miss_with_what_the_judge_minds() -> None:
    audits: dict[str, Any] = {name: {"numericValue": most, "score": 1} for name, most in MOST.items()}
    categories = {name: {"score": least / 100} for name, least in LEAST.items()}
    assert misses({"audits": audits, "categories": categories}) == {}
    audits |= {"cumulative-layout-shift": {"numericValue": 0.03, "score": 0.9, "title": "Layout shift"}}
    assert misses({"audits": audits, "categories": categories | {"accessibility": {"score": 0.99}}}) == {
        "accessibility": 99.0, "cumulative-layout-shift": 0.03, "minds": {"cumulative-layout-shift": "Layout shift"},
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_every_screen_keeps_the_bars(chromium: Browser, tmp_path: Path) -> None:
    assert LEAST.keys() == {"performance", "accessibility", "best-practices"}
    if settings().max_examples < 1_000:
        return  # Lighthouse is installed by `make test-all`
    found: dict[str, object] = {}
    with serving(built(tmp_path).home.path, WIDE, application="served:whole") as server:
        with entered(chromium, server, Seat("light", 1440), []) as context:
            cookies = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
            page, addresses = context.new_page(), list[str]()
            for view in VIEWS:  # at its end, because a redirect loses the cookie
                page.goto(view)
                addresses.append(page.url)
        for number, address in enumerate(addresses):
            report = judged(address, cookies, tmp_path / f"{number}.json")
            assert report["finalDisplayedUrl"] == address
            view = address.partition(str(server.port))[2]
            scores = {name: round(report["categories"][name]["score"] * 100) for name in LEAST}
            times = {name: round(report["audits"][name]["numericValue"], 3) for name in MOST}
            sys.stdout.write(f"{view} {scores} {times}\n")
            if missed := misses(report):
                found[view] = missed
    assert found == {}
