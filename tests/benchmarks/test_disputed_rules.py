"""The page on disputed rules counts what it says it counts."""

from pathlib import Path

from tests.benchmarks.disputed_rules import COMMAND, main, measured

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
AFFILIATE = "https://puffy.com/?utm_medium=affiliate&utm_source=cj&gclid=A1B115"
SEARCH = "https://puffy.com/?utm_medium=cpc&utm_source=google"
HEADER = "client_id,page_url,referrer,timestamp,event_name,event_data,user_agent\n"


def line(visitor: str, day: int, name: str, url: str, agent: str = BROWSER, minute: int = 0) -> str:
    order = (
        f'"{{""transaction_id"": ""{visitor}-{day}"", ""revenue"": ""10.00""}}"' if name == "checkout_completed" else ""
    )
    return f'{visitor},{url},,2025-02-{day}T10:{minute:02}:00.000Z,{name},{order},"{agent}"\n'


PLAIN = "https://puffy.com/"
DAYS = (
    line("a", 23, "page_viewed", AFFILIATE) + line("a", 23, "checkout_completed", PLAIN, minute=5)  # gclid or affiliate
    + line("b", 23, "page_viewed", PLAIN, BOT) + line("c", 23, "page_viewed", PLAIN, BOT)
    + line("d", 23, "page_viewed", SEARCH),
    line("d", 24, "page_viewed", PLAIN) + line("d", 24, "checkout_completed", PLAIN, minute=5)  # comes back without
    + line("e", 24, "checkout_completed", SEARCH)  # only the order shows where it came from
    + line("f", 24, "page_viewed", PLAIN),
)  # fmt: skip


def folder_of(tmp_path: Path) -> Path:
    days = tmp_path / "days"
    days.mkdir()
    for number, text in enumerate(DAYS):
        (days / f"events_{number}.csv").write_text(HEADER + text, encoding="utf-8")
    return days


def test_each_rule_moves_the_sessions_and_orders_that_it_decides(tmp_path: Path) -> None:
    found = measured(folder_of(tmp_path))
    assert (found.sessions, found.orders) == (5, 3)
    assert [(one.sessions, one.orders) for one in found.rules] == [(1, 1), (2, 0), (1, 1), (1, 1)]
    assert "2 more are Direct" in found.rules[1].moves


def test_the_page_is_written_with_the_command_that_makes_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    main([str(folder_of(tmp_path)), "--page", str(page)])
    text = page.read_text(encoding="utf-8")
    assert "5 sessions and 3 orders" in text
    assert f"\n{COMMAND}\n" in text
    published = (Path(__file__).parents[2] / "docs" / "explanation" / "disputed-rules.md").read_text(encoding="utf-8")
    words = [row.partition("|")[2].partition("|")[0] for row in text.splitlines() if row.startswith("| ")]
    assert words == [row.partition("|")[2].partition("|")[0] for row in published.splitlines() if row.startswith("| ")]
