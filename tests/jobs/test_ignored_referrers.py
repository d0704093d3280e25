"""The setting ``ignored_referrers``: what it takes, for which sites it holds, and what the doctor says of it."""

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.errors import UnknownError, UsageError
from touchline.ignored_referrers import ignored_referrers_of
from touchline.jobs import running, setup
from touchline.jobs.doctor import derived
from touchline.jobs.workspace import Workspace


def view(event_id: str, minute: int, url: str = "/", referrer: str | None = None) -> dict[str, object]:
    said = {"url": f"https://shop.example{url}", "referrer": referrer, "anonId": "ada", "type": "PAGE_VIEW"}
    return {"eventId": event_id, "occurredAt": f"2026-03-02T10:{minute:02}:00Z", **said}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" , ", ()),
        ("bank.example", (("", "bank.example"),)),
        ("https://user@WWW.Bank.example:8443/pay?a", (("", "bank.example"),)),
        ("bank.example, shop=bank.example,bank.example", (("", "bank.example"), ("shop", "bank.example"))),
    ],
)
def test_hosts_are_read_as_referrers_are(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert ignored_referrers_of(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bank", "'bank' is not a host"),
        ("bank example.com", "is not a host"),
        ("=bank.example", "names no site before the equals sign"),
        ("shop=", "'' is not a host"),
        ("a." * 127 + "example", "is not a host"),
        (",".join(f"h{n}.example" for n in range(201)), "More than 200 hosts"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        ignored_referrers_of(text)
    assert "pay.bank.example" in refused.value.hint


def test_a_site_that_there_is_not_is_named_with_those_that_there_are(workspace: Workspace) -> None:
    with pytest.raises(UnknownError, match="There is no site 'blog'") as refused:
        setup.change_setting(workspace, "shop", "ignored_referrers", "shop-example=a.example, blog=a.example", now=NOW)
    assert refused.value.hint == "There are: shop-example."
    assert workspace.settings("shop").ignored_referrers == ""


def test_a_host_is_ignored_on_every_site_or_on_the_one_that_is_named(workspace: Workspace) -> None:
    setup.add_site(workspace, "shop", name="blog", domain="blog.example", time_zone="UTC", now=NOW)
    setup.change_setting(workspace, "shop", "ignored_referrers", "a.example, shop-example=b.example", now=NOW)
    rows = running.reference(workspace, "ignored_referrers").to_pylist()
    blog = next(row["site_id"] for row in running.reference(workspace, "sites").to_pylist() if row["name"] == "blog")
    assert sorted((row["site_id"], row["referrer"]) for row in rows) == sorted(
        [(blog, "a.example"), ("shop-example", "a.example"), ("shop-example", "b.example")]
    )
    assert {row["organization_id"] for row in rows} == {"shop"}


def test_the_doctor_counts_by_kind_what_was_not_credited(workspace: Workspace, tell: Tell) -> None:
    tell(
        view("ad", 0, "/?utm_source=google&utm_medium=cpc"),
        view("banner", 1, "/pricing?utm_source=homepage", "https://shop.example/"),
        view("banner-2", 2, "/?utm_source=homepage", "https://shop.example/"),
        view("sign-in", 3, referrer="https://accounts.google.com/"),
        view("bank", 4, referrer="https://acs.bank.example/"),
        view("paid", 5, "/thanks", "https://www.paypal.com/"),
        view("inner", 6, "/two", "https://shop.example/"),
    )
    setup.change_setting(workspace, "shop", "ignored_referrers", "bank.example", now=NOW)
    running.run(workspace)
    found = {check.name: check for check in derived.checks(workspace, "shop") if check.name.startswith("not credited")}
    counts = {name: check.message for name, check in found.items()}
    assert counts == {
        "not credited: ignored referrer": (
            "Not credited as a source: 1 visit from a host in ignored_referrers, the newest on 2026-03-02."
        ),
        "not credited: own link": (
            "Not credited as a source: 2 clicks on tagged links on your own pages, the newest on 2026-03-02."
        ),
        "not credited: payment": ("Not credited as a source: 1 return from a payment page, the newest on 2026-03-02."),
        "not credited: sign in": (
            "Not credited as a source: 1 return from a sign-in or verification page, the newest on 2026-03-02."
        ),
    }
    assert {check.status for check in found.values()} == {"ok"}
    assert found["not credited: own link"].next_step == "Remove the UTM parameters from links between your own pages."


def test_the_doctor_says_that_a_run_has_to_follow_the_setting(workspace: Workspace, tell: Tell) -> None:
    tell(view("ad", 0))
    running.run(workspace)
    setup.change_setting(workspace, "shop", "ignored_referrers", "bank.example", now=NOW)
    (settings,) = [check for check in derived.checks(workspace, "shop") if check.name == "settings"]
    assert (settings.status, settings.message) == ("warning", "Changed since the last run: ignored_referrers.")
