"""Each format of costs reads its export, and no header is of two formats."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from touchline.spend import AdCost, CostFile, CostOptions, RejectedCost, read_costs
from touchline.spend.cost_formats import (
    OWN,
    CostFormat,
    headers_for,
    known_formats,
    may_be_cost,
    own_header,
    parse_format,
)

DAY = date(2026, 3, 2)
EXPORTS = {
    "Fivetran Ad Reporting": (
        (
            "source_relation,date_day,platform,account_id,account_name,campaign_id,campaign_name,ad_group_id,"
            "ad_group_name,ad_id,ad_name,clicks,impressions,spend,conversions,conversions_value\n"
            ",2026-03-02,facebook_ads,act_9,Shop,222,lookalike,11,lamps,1,text A,40,2000,12.5,3,99.9\n"
        ),
        AdCost(
            DAY, "META", "act_9", "222", "lookalike", "11", "lamps", "1", "text A", 2000, 40, 12_500_000, "EUR",
            platform_conversion_micros=3_000_000, platform_value_micros=99_900_000,
        ),
        {
            "google_ads": "GOOGLE_ADS", "microsoft_ads": "MICROSOFT_ADS", "linkedin_ads": "LINKEDIN",
            "pinterest_ads": "PINTEREST", "reddit_ads": "REDDIT", "snapchat_ads": "SNAPCHAT", "tiktok_ads": "TIKTOK",
            "twitter_ads": "X", "amazon_ads": "AMAZON_ADS", "apple_search_ads": "APPLE_SEARCH_ADS",
        },
    ),
    "Amazon Ads, a connector's table": (
        ("date,profile_id,campaign_id,ad_group_id,ad_id,campaign_budget_amount,"
         "campaign_budget_currency_code,clicks,cost,"
        "impressions\n2026-03-02,p1,222,11,1,250.0,USD,2,2.53,166\n"),
        AdCost(DAY, "AMAZON_ADS", "p1", "222", "", "11", "", "1", "", 166, 2, 2_530_000, "USD"),
        {},
    ),
    "Amazon Ads, a list of the console": (
        ("Campaigns,State,Status,Type,Targeting,Portfolio,Start date,End date,Budget(GBP),Impressions,Clicks,CTR,"
         "Spend(GBP),CPC(GBP),Orders,Sales(GBP)\n"
         "Lamps,ENABLED,Delivering,SP,AUTOMATIC,-,01/02/2025,03/04/2027,20.00,1200,3,0.0025,1.50,0.50,1,20.00\n"),
        AdCost(
            DAY, "AMAZON_ADS", "", "Lamps", "Lamps", "", "", "", "", 1200, 3, 1_500_000, "GBP",
            platform_conversion_micros=1_000_000, platform_value_micros=20_000_000,
        ),
        {},
    ),
    "Amazon Ads, a report from the console": (
        ("Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Impressions,Clicks,Click-Thru Rate (CTR),"
        "Cost Per Click (CPC),Spend,7 Day Total Orders (#),7 Day Total Sales ,Total Advertising Cost of Sales (ACOS) \n"
        '"Mar 2, 2026",-,GBP,Lamps,Desk,"1,200",3,0.25%,£0.50,£1.50,1,£20.00,7.5%\n'),
        AdCost(
            DAY, "AMAZON_ADS", "", "Lamps", "Lamps", "Desk", "Desk", "", "", 1200, 3, 1_500_000, "GBP",
            platform_conversion_micros=1_000_000, platform_value_micros=20_000_000,
        ),
        {},
    ),
    "Apple Search Ads, a connector's table": (
        ("date,campaign_id,ad_group_id,ad_id,impressions,local_spend_amount,local_spend_currency,taps,conversions\n"
        "2026-03-02,222,11,1,552,4.31,USD,6,2\n"),
        AdCost(
            DAY, "APPLE_SEARCH_ADS", "", "222", "", "11", "", "1", "", 552, 6, 4_310_000, "USD",
            platform_conversion_micros=2_000_000,
        ),
        {},
    ),
    "Apple Search Ads, a report from the screen": (
        ("Date,Campaign Name,Campaign ID,Spend,Currency,Avg CPT,Impressions,Taps,Installs (Total)\n"
        "3/2/26,Brand,222,10.00,USD,2.00,100,5,4\n3/14/26,Brand,222,0.00,USD,,0,0,0\n"),
        AdCost(
            DAY, "APPLE_SEARCH_ADS", "", "222", "Brand", "", "", "", "", 100, 5, 10_000_000, "USD",
            platform_conversion_micros=4_000_000,
        ),
        {},
    ),
    "a table of one platform's costs": (
        "Day;Campaign;Spend;Clicks;Impressions\n02.03.2026;Lamps;1.234,50;1.200;3.000\n",
        AdCost(DAY, "TABOOLA", "", "Lamps", "Lamps", "", "", "", "", 3000, 1200, 1_234_500_000, "EUR"),
        {},
    ),
    "Facebook ads, the public data set": (
        ("ad_id,xyz_campaign_id,fb_campaign_id,age,Impressions,Clicks,Spent,Approved_Conversion\n"
        "1,916,103916,30-34,7350,1,1.43,1\n"),
        AdCost(
            DAY, "META", "", "916", "", "103916", "", "1", "", 7350, 1, 1_430_000, "EUR",
            platform_conversion_micros=1_000_000,
        ),
        {},
    ),
    "Google Ads, a connector's table": (
        ("customer_id,date,ad_group_id,ad_group,device,ad_id,campaign_id,clicks,cost_micros,impressions,conversions,"
        "conversions_value\n9,2026-03-02,,customers/9/adGroups/11,MOBILE,1,222,2,1500000,70,0.5,12.5\n"),
        AdCost(
            DAY, "GOOGLE_ADS", "9", "222", "", "11", "", "1", "", 70, 2, 1_500_000, "EUR",
            platform_conversion_micros=500_000, platform_value_micros=12_500_000,
        ),
        {},
    ),
    "Google Ads, a report from the screen": (
        ("Campaign report\n2 March 2026 - 2 March 2026\nCampaign status,Campaign,Impr.,Clicks,CTR,Currency code,Cost,"
        'Search impr. share,Campaign Id,Conversions,Cost / conv.\nEnabled,Lamps,"1,573",'
        '9,9.60%,AUD,"1,109.93",< 10%,222,'
        '0.50,2.20\nTotal: Campaigns, --,"1,573",9,9.60%,AUD,"1,109.93",< 10%, --,0.50,2.20\n'),
        AdCost(
            DAY, "GOOGLE_ADS", "", "222", "Lamps", "", "", "", "", 1573, 9, 1_109_930_000, "AUD",
            platform_conversion_micros=500_000,
        ),
        {},
    ),
    "LinkedIn, a connector's table": (
        ("creative_id,day,campaign_id,campaign_group_id,clicks,impressions,cost_in_local_currency,cost_in_usd\n"
        "1,2026-03-02 00:00:00,11,222,2,224,3.5,4.1\n"),
        AdCost(DAY, "LINKEDIN", "", "222", "", "11", "", "1", "", 224, 2, 3_500_000, "EUR"),
        {},
    ),
    "LinkedIn, a report from Campaign Manager": (
        ("Campaign Performance Report (in UTC)\nDate Generated\tMarch 3, 2026\n\n"
        "Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group ID\t"
        "Campaign Group Name\tCampaign ID\tCampaign Name"
        "\tTotal Spent\tImpressions\tClicks\n03/02/2026\tShop\tUSD\t222\tSpring\t11\tLamps\t12.50\t900\t3\n"
        "03/14/2026\tShop\tUSD\t222\tSpring\t11\tLamps\t0.00\t0\t0\n"),
        AdCost(DAY, "LINKEDIN", "", "222", "Spring", "11", "Lamps", "", "", 900, 3, 12_500_000, "USD"),
        {},
    ),
    "Meta, a connector's table": (
        "ad_id,date,account_id,impressions,inline_link_clicks,spend\n1,2026-03-02,act_9,4233,10,76.53\n",
        AdCost(DAY, "META", "act_9", "", "", "", "", "1", "", 4233, 10, 76_530_000, "EUR"),
        {},
    ),
    "Meta, a report from Ads Manager": (
        ("Reporting starts,Reporting ends,Campaign name,Ad set name,Amount spent (USD),Impressions,Link clicks,"
        "Cost per results\n2026-03-02,2026-03-02,Lookalike,Lamps,12.34,1000,10,"
        "1.2\n2026-03-02,2026-03-02,,,12.34,1000,10,\n"),
        AdCost(DAY, "META", "", "Lookalike", "Lookalike", "Lamps", "Lamps", "", "", 1000, 10, 12_340_000, "USD"),
        {},
    ),
    "Microsoft Advertising, a connector's table": (
        ("date,account_id,campaign_id,ad_group_id,ad_id,currency_code,device_os,clicks,impressions,spend,conversions,"
        "revenue\n2026-03-02,9,222,11,1,USD,Windows,1,4,6.5,2,0.01\n"),
        AdCost(
            DAY, "MICROSOFT_ADS", "9", "222", "", "11", "", "1", "", 4, 1, 6_500_000, "USD",
            platform_conversion_micros=2_000_000, platform_value_micros=10_000,
        ),
        {},
    ),
    "Microsoft Advertising, a report from the screen": (
        ("Report Name: Campaigns\nReport Time: 3/2/2026 - 3/14/2026\n\nGregorian date,"
         "Campaign,Impr.,Clicks,Spend,Avg. CPC\n"
        '3/2/2026,Lamps,"1,204",4,6.50,1.63\n3/14/2026,Lamps,0,0,0.00,0.00\nTotal,-,"1,204",4,6.50,1.63\n'
        "©2026 Microsoft Corporation. All rights reserved. \n"),
        AdCost(DAY, "MICROSOFT_ADS", "", "Lamps", "Lamps", "", "", "", "", 1204, 4, 6_500_000, "EUR"),
        {},
    ),
    "OpenAI ads, a table from Ads Manager": (
        "Date,Campaign,Ad group,Impressions,Clicks,Spend,Max bid\n2026-03-02,Launch,Lamps,100,5,12.00,3.00\n",
        AdCost(DAY, "OPENAI", "", "Launch", "Launch", "Lamps", "Lamps", "", "", 100, 5, 12_000_000, "EUR"),
        {},
    ),
    "OpenAI ads, insights": (
        ("date,ad_account_id,campaign.id,ad_group.id,impressions,clicks,spend,currency_code\n"
        "2026-03-02,act_1,cmpn_2,adgr_3,100,5,12.00,USD\n"),
        AdCost(DAY, "OPENAI", "act_1", "cmpn_2", "", "adgr_3", "", "", "", 100, 5, 12_000_000, "USD"),
        {},
    ),
    "Pinterest, a connector's table": (
        ("date,pin_promotion_id,ad_group_id,campaign_id,advertiser_id,impression_1,impression_2,clickthrough_1,"
        "spend_in_micro_dollar,total_conversions,total_conversions_value_in_micro_dollar\n"
        "2026-03-02,1,11,222,9,15000,7,450,225000,45,4500000\n"),
        AdCost(
            DAY, "PINTEREST", "9", "222", "", "11", "", "1", "", 15_000, 450, 225_000, "EUR",
            platform_conversion_micros=45_000_000, platform_value_micros=4_500_000,
        ),
        {},
    ),
    "Pinterest, a report from Ads Manager": (
        ("Date,Campaign name,Campaign ID,Spend in account currency,Impressions,Pin clicks\n"
        "2026-03-02,Lamps,222,5.00,900,12\n"),
        AdCost(DAY, "PINTEREST", "", "222", "Lamps", "", "", "", "", 900, 12, 5_000_000, "EUR"),
        {},
    ),
    "Reddit, a connector's table": (
        ("account_id,ad_id,date,app_install_metrics_spend_credits,clicks,cpc,ecpm,impressions,spend\n"
        "9,1,2026-03-02,0,24,1647657.125,3399567.658,11632,39543771\n"),
        AdCost(DAY, "REDDIT", "9", "", "", "", "", "1", "", 11_632, 24, 39_543_771, "EUR"),
        {},
    ),
    "Reddit, a report from Ads Manager": (
        ("Date,Campaign Name,Ad Group Name,Amount Spent (USD),Impressions,Clicks,eCPM (USD)\n"
        "2026-03-02,Lamps,Desk,12.5,900,3,1.38\n"),
        AdCost(DAY, "REDDIT", "", "Lamps", "Lamps", "Desk", "Desk", "", "", 900, 3, 12_500_000, "USD"),
        {},
    ),
    "Snapchat, a connector's table": (
        "ad_id,date,impressions,spend,swipes,conversion_purchases\n1,2026-03-02 11:00:00.000,42,441359,1,1\n",
        AdCost(DAY, "SNAPCHAT", "", "", "", "", "", "1", "", 42, 1, 441_359, "EUR",
               platform_conversion_micros=1_000_000),
        {},
    ),
    "Snapchat, a report from Ads Manager": (
        ("Start time,Campaign Name,Ad Squad Name,Amount Spent,Paid Impressions,Swipe Ups,Currency\n"
        "2026-03-02 00:00:00,Lamps,Desk,7.25,800,9,USD\n"),
        AdCost(DAY, "SNAPCHAT", "", "Lamps", "Lamps", "Desk", "Desk", "", "", 800, 9, 7_250_000, "USD"),
        {},
    ),
    "TikTok, a connector's table": (
        ("AD_ID,STAT_TIME_HOUR,COST_PER_CONVERSION,IMPRESSIONS,CONVERSION,CLICKS,SPEND,COST_PER_SECONDARY_GOAL_RESULT\n"
        "1,2026-03-02 10:00:00,0.22,22,2,3,2.22,-\n"),
        AdCost(
            DAY, "TIKTOK", "", "", "", "", "", "1", "", 22, 3, 2_220_000, "EUR", platform_conversion_micros=2_000_000
        ),
        {},
    ),
    "TikTok, a report from Ads Manager": (
        ("Campaign name,By Day,Cost,CPC (destination),Impressions,Clicks (destination),Currency\n"
        "Lamps,2026-03-02,3.50,0.70,400,5,USD\nTotal of 1 result,-,3.50,0.70,400,5,USD\n"),
        AdCost(DAY, "TIKTOK", "", "Lamps", "Lamps", "", "", "", "", 400, 5, 3_500_000, "USD"),
        {},
    ),
    "X, a connector's table": (
        ("account_id,billed_charge_local_micro,clicks,date,impressions,promoted_tweet_id,url_clicks,placement\n"
        "9,46646647,281,2026-03-02 07:00:00,200,22ytim,12,PUBLISHER_NETWORK\n"),
        AdCost(DAY, "X", "9", "", "", "", "", "22ytim", "", 200, 12, 46_646_647, "EUR"),
        {},
    ),
    "X, a report from Ads Manager": (
        ("Time period,Campaign name,Ad group name,Spend,Impressions,Link clicks,Currency\n"
        "2026-03-02,Lamps,Desk,8.10,300,4,USD\n"),
        AdCost(DAY, "X", "", "Lamps", "Lamps", "Desk", "Desk", "", "", 300, 4, 8_100_000, "USD"),
        {},
    ),
}  # fmt: skip
"""By what a format says of itself: an export, what its first row says, and what other platforms are called."""

OPTIONS = {
    "a table of one platform's costs": CostOptions(platform="TABOOLA"),
    "Facebook ads, the public data set": CostOptions(day=DAY),
    "Amazon Ads, a list of the console": CostOptions(day=DAY),
}
"""Of exports that lack something."""


def test_every_format_has_an_export() -> None:
    assert sorted(one.says for one in known_formats()) == sorted(EXPORTS)


@pytest.mark.parametrize("says", EXPORTS)
def test_an_export_is_read(says: str) -> None:
    text, expected, platforms = EXPORTS[says]
    found = read(text, OPTIONS.get(says))
    assert found[0] == expected
    assert {type(row) for row in found} == {AdCost}
    assert sum(row.spend_micros for row in found if isinstance(row, AdCost)) == expected.spend_micros
    header, row = text.splitlines()[:2]
    for theirs, ours in platforms.items():
        (other,) = read(f"{header}\n{_with_platform(header, row, theirs)}")
        assert other == replace(expected, platform=ours)


def _with_platform(header: str, row: str, theirs: str) -> str:
    """The row of an export as another platform's, under the export's own word for it."""
    cells = row.split(",")
    cells[header.split(",").index("platform")] = theirs
    return ",".join(cells)


def read(text: str, options: CostOptions | None = None) -> list[AdCost | RejectedCost]:
    return list(
        read_costs(CostFile(Path("c.csv"), text.encode(), None, options or CostOptions()), default_currency="EUR")
    )


@pytest.mark.parametrize("says", EXPORTS)
def test_no_export_is_of_two_formats(says: str) -> None:
    mark = "\t" if "\t" in EXPORTS[says][0] else ";" if ";" in EXPORTS[says][0] else ","
    lines = EXPORTS[says][0].splitlines()
    platform = OPTIONS.get(says, CostOptions()).platform
    found = [one.form.says for line in lines for one in headers_for(line.split(mark), platform)]
    assert found == [says]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('says = "X"\n[columns]\ndate = "Day"\nplatform = "P"', "lacks cost"),
        ('[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"', "lacks says"),
        ('says = "X"\n[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"\nadset = "A"', "there is no adset"),
        ('says = "X"\ncolour = "red"\n[columns]\ndate = "Day"\nplatform = "P"\ncost = "C"', "there is no colour"),
        ('says = "X"\nunit = "cents"\n[columns]\ncost = "C"', "unit is units or micros, not 'cents'"),
        ('says = "X"\norder = "YMD"\n[columns]\ncost = "C"', "order is DMY or MDY, not 'YMD'"),
    ],
)
def test_a_format_that_is_none_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_format(text, "x.toml")


def test_constants_and_values_stand_for_what_the_export_does_not_say() -> None:
    form = parse_format(
        'says = "X"\n[columns]\ndate = "Day"\ncost = ["C", "C ({currency})"]\ncurrency = "Cur"\n[constants]\n'
        'platform = "X"\n[values.currency]\n"US Dollar" = "USD"',
        "x.toml",
    )
    header = form.header(["Day", "C", "Cur"])
    assert header is not None
    assert header.cells({"Day": "2026-01-01", "C": "1", "Cur": "US Dollar"}) == {
        "date": "2026-01-01", "cost": "1", "currency": "USD", "platform": "X"
    }  # fmt: skip
    assert header.cells({"Cur": "EUR"})["currency"] == "EUR"
    named = form.header(["day", "c_(gbp)"])
    assert named is not None
    assert named.cells({"c_(gbp)": "1"})["currency of the column"] == "GBP"


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (("Day", "Amount"), True), (("DAY", " amount "), True), (("Day",), False), (("Day", "Amount", "Notes"), True),
        (("Day", "Amount", "Spend (EUR)"), False), (("Day", "Amount", "Spend limit"), True),
        (("Day", "Amount", "Cost of view"), True),
    ],
)  # fmt: skip
def test_a_column_that_may_be_a_cost_is_never_ignored_by_chance(names: tuple[str, ...], is_one: bool) -> None:
    form = CostFormat("X", {"date": ("Day",), "cost": ("Amount",)}, ("*", "cost of *"))
    assert (form.header(names) is not None) == is_one


def test_of_several_columns_the_first_that_is_not_empty_counts() -> None:
    form = CostFormat("X", {"cost": ("A", "B")}, ("*",))
    header = form.header(["B", "A"])
    assert header is not None
    assert header.columns == {"cost": ("A", "B")}
    assert [header.cells(row)["cost"] for row in ({"A": "1", "B": "2"}, {"A": "", "B": "2"}, {"A": ""})] == [
        "1",
        "2",
        "",
    ]


def test_only_names_and_what_is_not_read_may_hold_what_somebody_typed() -> None:
    header = own_header(["date", "cost", "campaign_name", "campaign_id", "other"])
    assert [name for name in header.names if header.is_free_text(name)] == ["campaign_name", "other"]
    assert header.form is OWN


@pytest.mark.parametrize(
    ("name", "is_cost"),
    [
        ("Cost", True), ("Amount spent (EUR)", True), ("total_spend", True), ("Kosten", True), ("Ad spend", True),
        ("Cost / conv.", False), ("cost_per_result", False), ("Avg. cost", False), ("Budget amount", False),
        ("Return on ad spend", False), ("Spend limit", False), ("Bid amount", False), ("Cost cap", False),
        ("Clicks", False), ("costume", False),
    ],
)  # fmt: skip
def test_what_sounds_like_a_cost(name: str, is_cost: bool) -> None:
    assert may_be_cost(name) == is_cost
