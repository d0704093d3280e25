"""Which fit serves a conversion, and what its numbers make of the credit."""

from datetime import date

from tests.journeys.journey import journey, order, page
from tests.journeys.test_credit import FOUR
from tests.oracle.world import Row, Tables, fit

AD = {"utm_source": "google", "utm_medium": "cpc"}
MAIL = {"utm_source": "letter", "utm_medium": "email"}


def markov(window_end: date, version: int = 1, **effects: float) -> Row:
    named = {"ad": "Paid Search", "mail": "Email", "post": "Organic Social", "blog": "Referral"}
    return fit(window_end, {("", named[name], "removal_effect"): x for name, x in effects.items()}, version=version)


def credit(tables: Tables) -> dict[str, int]:
    links = [row for row in tables["attribution_links"] if row["model"] == "MARKOV"]
    return {row["touchpoint_id"].removeprefix("s:"): row["credit"] for row in links}


def fits_used(tables: Tables) -> dict[str, str]:
    links = [row for row in tables["attribution_links"] if row["model"] == "MARKOV"]
    return {row["conversion_id"].removeprefix("s:"): row["fit_id"].removeprefix("MARKOV/o/") for row in links}


@journey(FOUR, fits=[markov(date(2026, 2, 28), ad=0.4, mail=0.3, post=0.2, blog=0.1)])
def test_touches_share_by_the_removal_effects_of_their_channels(tables: Tables) -> None:
    assert credit(tables) == {"ad": 400_000_000, "mail": 300_000_000, "blog": 100_000_000, "post": 200_000_000}


@journey(
    [
        page("ad", "02 10:00", **AD),
        page("ad2", "03 10:00", **AD),
        page("mail", "04 10:00", **MAIL),
        order("buy", "04 11:00"),
    ],
    fits=[markov(date(2026, 2, 28), ad=0.5, mail=0.5)],
)
def test_a_channel_that_comes_twice_counts_once_and_its_touches_share(tables: Tables) -> None:
    assert credit(tables) == {"ad": 250_000_000, "ad2": 250_000_000, "mail": 500_000_000}


AD_AND_MAIL = [page("ad", "02 10:00", **AD), page("mail", "03 10:00", **MAIL), order("buy", "03 11:00")]


@journey(AD_AND_MAIL, fits=[markov(date(2026, 2, 28), ad=0.5)])
def test_a_channel_that_the_fit_does_not_know_gets_nothing(tables: Tables) -> None:
    assert credit(tables) == {"ad": 1_000_000_000, "mail": 0}


@journey(AD_AND_MAIL, fits=[markov(date(2026, 2, 28), post=1.0)])
def test_channels_that_the_fit_does_not_know_share_where_nobody_else_is_there(tables: Tables) -> None:
    assert credit(tables) == {"ad": 500_000_000, "mail": 500_000_000}


@journey(FOUR)
def test_an_organization_without_a_fit_has_no_such_model(tables: Tables) -> None:
    assert credit(tables) == {}


@journey(
    [page("ad", "01 10:00", **AD), *(order(f"on-{day}", f"{day} 11:00") for day in ("05", "10", "11", "21"))],
    fits=[markov(date(2026, 3, day), ad=1.0) for day in (20, 10)],
)
def test_the_newest_window_before_the_conversion_serves_it_and_the_earliest_what_came_before(tables: Tables) -> None:
    early, late = "2026-03-10/v1", "2026-03-20/v1"
    assert fits_used(tables) == {"on-05": early, "on-10": early, "on-11": early, "on-21": late}


@journey(FOUR, fits=[markov(date(2026, 2, 28), version, ad=0.5) for version in (10, 2)])
def test_a_windows_newest_version_stands_whatever_the_order_in_which_they_are_told(tables: Tables) -> None:
    assert set(fits_used(tables).values()) == {"2026-02-28/v10"}


@journey([order("buy", "03 11:00")], fits=[markov(date(2026, 2, 28), ad=0.5)])
def test_a_conversion_without_a_touch_keeps_its_credit_and_names_the_fit(tables: Tables) -> None:
    assert credit(tables) == {"": 1_000_000_000}
    assert fits_used(tables) == {"buy": "2026-02-28/v1"}
