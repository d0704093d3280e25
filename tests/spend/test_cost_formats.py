"""Each format of costs reads its export, and no header is of two formats."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from touchline.spend import AdCost, CostFile, RejectedCost, read_costs
from touchline.spend.cost_formats import known_formats, parse_format

EXPORTS = {
    "Fivetran Ad Reporting": (
        (
            "source_relation,date_day,platform,account_id,account_name,campaign_id,campaign_name,ad_group_id,"
            "ad_group_name,ad_id,ad_name,clicks,impressions,spend,conversions,conversions_value\n"
            ",2026-03-02,facebook_ads,act_9,Shop,222,lookalike,11,lamps,1,text A,40,2000,12.5,3,99.9\n"
        ),
        AdCost(
            date(2026, 3, 2), "META", "act_9", "222", "lookalike", "11", "lamps", "1", "text A", 2000, 40,
            12_500_000, "EUR",
        ),
        {
            "google_ads": "GOOGLE_ADS", "microsoft_ads": "MICROSOFT_ADS", "linkedin_ads": "LINKEDIN",
            "pinterest_ads": "PINTEREST", "reddit_ads": "REDDIT", "snapchat_ads": "SNAPCHAT", "tiktok_ads": "TIKTOK",
            "twitter_ads": "X",
        },
    ),
}  # fmt: skip
"""By what a format says of itself: an export, what its row says, and what other platforms are called."""


def test_every_format_has_an_export() -> None:
    assert [one.says for one in known_formats()] == ["", *sorted(EXPORTS)]


@pytest.mark.parametrize("says", EXPORTS)
def test_an_export_is_read(says: str) -> None:
    text, expected, platforms = EXPORTS[says]
    header, row = text.splitlines()
    assert read(text) == [expected]
    (values,) = (form.values.get("platform", {}) for form in known_formats() if form.says == says)
    assert set(values.values()) <= {expected.platform, *platforms.values()}
    for theirs, ours in platforms.items():
        (found,) = read(f"{header}\n{_with_platform(says, row, theirs)}")
        assert found == replace(expected, platform=ours)


def _with_platform(says: str, row: str, theirs: str) -> str:
    """The row of an export as another platform's, under the export's own word for it."""
    (column,) = (form.columns["platform"] for form in known_formats() if form.says == says)
    names = EXPORTS[says][0].splitlines()[0].split(",")
    cells = row.split(",")
    cells[names.index(column)] = theirs
    return ",".join(cells)


def read(text: str) -> list[AdCost | RejectedCost]:
    return list(read_costs(CostFile(Path("c.csv"), text.encode()), default_currency="EUR"))


def test_no_header_is_of_two_formats() -> None:
    pairs = combinations(known_formats(), 2)
    assert [(a.says, b.says) for a, b in pairs if b.fits(a.required) or a.fits(b.required)] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('says = "X"\n[columns]\ndate = "Day"\nplatform = "P"', "lacks cost"),
        ('[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"', "lacks says"),
        ('says = "X"\n[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"\nadset = "A"', "there is no adset"),
        ('says = "X"\ncolour = "red"\n[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"', "there is no colour"),
    ],
)
def test_a_format_that_is_none_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_format(text, "x.toml")


def test_constants_and_values_stand_for_what_the_export_does_not_say() -> None:
    form = parse_format(
        'says = "X"\n[columns]\ndate = "Day"\ncost = "C"\ncurrency = "Cur"\n[constants]\nplatform = "X"\n'
        '[values.currency]\n"US Dollar" = "USD"',
        "x.toml",
    )
    assert form.cells({"Day": "2026-01-01", "C": "1", "Cur": "US Dollar"}) == {
        "date": "2026-01-01", "cost": "1", "currency": "USD", "platform": "X"
    }  # fmt: skip
    assert form.cells({"Cur": "EUR"})["currency"] == "EUR"


def test_only_names_and_what_is_ignored_may_hold_what_somebody_typed() -> None:
    named = 0
    for form in known_formats():
        names = {
            ours: form.columns[ours] for ours in ("campaign_name", "adset_name", "ad_name") if ours in form.columns
        }
        free = {*names.values(), *form.ignored}
        every = {*form.columns.values(), *form.ignored}
        assert {name for name in every if form.is_free_text(name)} == free
        named += bool(names)
        assert every - free  # a number or an id has one line
        assert not form.is_free_text("unknown")
        assert {form.is_known(name) for name in every} == {True}
        assert not form.is_known("unknown")
    assert named
