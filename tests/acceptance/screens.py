"""Pictures of every screen for the documentation, of a made-up shop.

    python -m tests.acceptance.screens [--folder docs/images/screens] [--visitors 6000] [--scheme light] [--width 1280]

A picture has the first 1,000 points of a screen. All of them together have less than 1 MB.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.server.whole import whole
from touchline import demo
from touchline.jobs import importing, running, setup, users
from touchline.jobs.workspace import Workspace
from touchline.server.pages.screen import screens
from touchline.settings import Home

NAME, PASSWORD = "ada", "correct horse battery"
_HIGH = 1_000
_QUALITY = 45
MOST_BYTES = 1_000_000
_CHOICES = {"models": "?versus=LINEAR", "channels": "?by=platform"}
"""What a picture shows beyond the first view."""


def main() -> None:
    """Build the shop, open each screen, and write its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("docs/images/screens"))
    parser.add_argument("--visitors", type=int, default=6_000)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1_280)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = _shop(Path(folder), asked.visitors)
        with whole(home.path) as server, sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(
                viewport={"width": asked.width, "height": _HIGH}, color_scheme=asked.scheme,
                base_url=f"http://127.0.0.1:{server.port}",
            )  # fmt: skip
            page = context.new_page()
            _sign_in(page)
            for name in screens():
                _take(page, f"/{name}{_CHOICES.get(name, '')}", asked.folder / f"{name}.jpg")
            page.goto("/conversions")
            page.get_by_role("table").get_by_role("link").first.click()
            _take(page, page.url, asked.folder / "conversion.jpg")
            browser.close()
    total = sum(file.stat().st_size for file in asked.folder.glob("*.jpg"))
    sys.stdout.write(f"{total:,} bytes in {asked.folder}\n")
    if total > MOST_BYTES:
        raise SystemExit(f"The pictures have more than {MOST_BYTES:,} bytes.")


def _shop(folder: Path, visitors: int) -> Home:
    """A home with the demo's shop."""
    shop, home, now = demo.generate(folder / "files", visitors=visitors), Home(folder / "home"), time.time_ns() // 1000
    setup.init(
        home, name=demo.ORGANIZATION, domain=demo.SITE_DOMAIN, currency=demo.CURRENCY, time_zone=demo.TIME_ZONE, now=now
    )
    with Workspace(home) as workspace:
        own = workspace.organization()["organization_id"]
        for goal in demo.GOALS:
            setup.set_goal(workspace, own, setup.Goal(**vars(goal)))
        setup.change_setting(workspace, own, "primary_goal", demo.GOALS[0].goal, now=now)
        setup.set_target(workspace, own, target_cpa_micros=demo.TARGET_CPA_MICROS)
        importing.import_events(workspace, shop.event_files, site_id=None, mapping=None, now=now)
        importing.import_costs(workspace, [shop.cost_file], organization_id=None, now=now)
        running.run(workspace)
        users.add_user(workspace, NAME, PASSWORD, now=now)
    return home


def _sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _take(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.screenshot(path=file, type="jpeg", quality=_QUALITY)


if __name__ == "__main__":
    main()
