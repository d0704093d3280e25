"""Exports as people get them: totals, days, units and currencies are proven by the file, or an option is asked for."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import InputError, UsageError
from touchline.spend import AdCost, CostFile, CostOptions, ReadCosts, Reading, RejectedCost, read_file
from touchline.spend.exports import totals_in_words
from touchline.spend.options import mapping_option, options_of

GOOGLE = "Day,Campaign,Currency code,Impr.,Clicks,Cost,Conversions"
MICROS = "date,customer_id,campaign_id,impressions,clicks,cost_micros"


def options(**said: Any) -> CostOptions:
    return options_of((), **said)


def read(text: str | bytes, name: str = "c.csv", **said: Any) -> ReadCosts:
    content = text.encode() if isinstance(text, str) else text
    return read_file(CostFile(Path(name), content, options=options(**said)), Reading("EUR", date(2026, 12, 31)))


def good(found: ReadCosts) -> list[AdCost]:
    return [row for _, row in found.rows if isinstance(row, AdCost)]


def bad(found: ReadCosts) -> list[RejectedCost]:
    return [row for _, row in found.rows if isinstance(row, RejectedCost)]


def spent(found: ReadCosts) -> list[int]:
    return [row.spend_micros for row in good(found)]


def refused(text: str, **said: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(text, **said)
    return f"{caught.value.message} {caught.value.hint}"


# Numbers and dates of a whole file


def test_a_german_export_is_read_by_what_its_cells_show() -> None:
    text = (
        "Kampagnenbericht\n1. März 2026 - 2. März 2026\n"
        "Tag;Kampagne;Währungscode;Impr.;Klicks;Kosten;Kosten/Conv.\n"
        "01.03.2026;Größe;EUR;1.234;12;1.234,56;1,00\n2. März 2026;Größe;EUR; --;0;0,00;--\n"
    )
    found = read(text.encode("utf-16"))
    assert [(row.cost_date.day, row.impressions, row.spend_micros, row.campaign_name) for row in good(found)] == [
        (1, 1234, 1_234_560_000, "Größe"), (2, 0, 0, "Größe"),
    ]  # fmt: skip
    assert found.notes.says == "Google Ads, a report from the screen"


@pytest.mark.parametrize(("decimal", "micros"), [(".", 1_234_000_000), (",", 1_234_000)])
def test_a_number_that_can_be_two_needs_the_option(decimal: str, micros: int) -> None:
    text = f'{GOOGLE}\n2026-03-01,A,EUR,5,1,"1,234",0\n'
    assert "Give --decimal . or --decimal ," in refused(text)
    assert spent(read(text, decimal=decimal)) == [micros]


def test_the_marks_of_counts_decide_where_amounts_do_not() -> None:
    assert spent(read(f'{GOOGLE}\n2026-03-01,A,EUR,"9,999",1,"1,234",0\n')) == [1_234_000_000]
    assert spent(read(f'{GOOGLE}\n2026-03-01,A,EUR,9.999,1,"1,234",0\n')) == [1_234_000]


def test_a_column_with_both_marks_is_refused() -> None:
    said = refused(f'{GOOGLE}\n2026-03-01,A,EUR,5,1,1.50,0\n2026-03-02,A,EUR,5,1,"1,50",0\n')
    assert "'1.50' has a decimal point, and '1,50' a decimal comma" in said


@pytest.mark.parametrize(("order", "month"), [("DMY", 3), ("MDY", 2)])
def test_a_date_that_can_be_two_needs_the_option(order: str, month: int) -> None:
    text = f"{GOOGLE}\n02/03/2026,A,EUR,5,1,1.50,0\n"
    assert "Give --date-order DMY or --date-order MDY" in refused(text)
    assert [row.cost_date.month for row in good(read(text, order=order))] == [month]
    assert [row.cost_date.month for row in good(read(f"{text}14/03/2026,A,EUR,5,1,1,0\n"))] == [3, 3]


def test_cells_that_say_nothing_are_zero_where_nothing_happened() -> None:
    found = read(f"{GOOGLE}\n2026-03-01,A,EUR,0,0, --, --\n2026-03-02,A,EUR,7,0, --,0\n2026-03-03,A,EUR,7,0,x,0\n")
    assert spent(found) == [0]
    assert [row.platform_conversion_micros for row in good(found)] == [None]
    assert [(row.field, row.place) for row in bad(found)] == [
        ("cost", ("GOOGLE_ADS", "", date(2026, 3, 2))), ("cost", ("GOOGLE_ADS", "", date(2026, 3, 3))),
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["1.5", "x", "-3"])
def test_a_count_that_is_none_costs_its_row(cell: str) -> None:
    (row,) = bad(read(f"{GOOGLE}\n2026-03-01,A,EUR,5,{cell},1.00,0\n"))
    assert row.field == "clicks"


# Totals


def test_totals_are_left_out_counted_and_compared() -> None:
    rows = f"{GOOGLE}\n2026-03-01,A,EUR,5,1,1.50,0\n2026-03-01,Total brand,EUR,5,1,2.25,0\n"
    found = read(f"{rows}Total: Campaigns, --, --,10,2,3.75,0\nTotal: Account,,,,,3.75,\n")
    assert (spent(found), found.notes.left_out, found.notes.unproven) == ([1_500_000, 2_250_000], 2, [])
    assert totals_in_words(found.notes) == "2 rows of totals or remarks left out; the totals agree with the rows, 3.75"
    found = read(f"{rows}Total: Account, --, --,10,2,9.00,0\n")
    assert found.notes.unproven == [("Total: Account", Decimal(9))]
    assert "the rows add up to 3.75, but Total: Account is 9.00" in totals_in_words(found.notes)
    assert totals_in_words(read(rows).notes) == ""


def test_totals_of_fewer_cells_and_remarks_are_left_out_and_other_broken_rows_are_not() -> None:
    row = "2026-03-01,A,EUR,5,1,1.50,0\n"
    found = read(f"{GOOGLE}\n{row}Total: Account,1.50\n© 2026\n\nmore\n")
    assert (spent(found), found.notes.left_out) == ([1_500_000], 2)
    assert [(one.source, one.reason) for one in bad(found)] == [("c.csv:6", "malformed")]


def test_a_campaign_that_is_called_total_is_a_campaign() -> None:
    rows = "Total recall,2026-03-01,EUR,1.00\nTotal,2026-03-02,EUR,2.00\nTotal,--,--,3.00\n"
    found = read(f"Campaign,Day,Currency code,Cost\n{rows}")
    assert ([row.campaign_name for row in good(found)], found.notes.unproven) == (["Total recall", "Total"], [])


def test_a_row_that_names_nothing_is_a_total_and_an_account_of_one_row_is_none() -> None:
    meta = "Reporting starts,Reporting ends,{}Amount spent (USD)\n"
    day = "2026-03-01,2026-03-01,"
    found = read(meta.format("Campaign name,") + f"{day}A,1.00\n{day}B,2.00\n{day},3.00\n")
    assert (spent(found), found.notes.totals) == ([1_000_000, 2_000_000], [("2026-03-01", Decimal(3))])
    assert spent(read(meta.format("") + f"{day}3.00\n")) == [3_000_000]


def test_no_row_of_a_connector_is_a_total() -> None:
    found = read(f"{MICROS}\n2026-03-01,9,,5,1,1000000\n,9,,5,1,1000000\n")
    assert (spent(found), len(bad(found)), found.notes.left_out) == ([1_000_000], 1, 0)


# Days


def test_the_day_of_a_report_of_one_day_stands_above_it() -> None:
    text = "Campaign report\n1 March 2026 - {} March 2026\nCampaign,Currency code,Cost\nA,EUR,7.00\n"
    assert [row.cost_date for row in good(read(text.format(1)))] == [date(2026, 3, 1)]
    assert "spread the totals evenly with --spread 2026-03-01..2026-03-03" in refused(text.format(3))
    found = read(text.format(3), spread="2026-03-01..2026-03-03")
    assert [(row.cost_date.day, row.spend_micros, row.spread_days) for row in good(found)] == [
        (1, 2_333_333, 3), (2, 2_333_333, 3), (3, 2_333_334, 3)
    ]  # fmt: skip
    assert found.notes.spread == (date(2026, 3, 1), date(2026, 3, 3))
    assert "is of 2026-03-01 to 2026-03-03, not of 2026-03-01 to 2026-03-02" in refused(
        text.format(3), spread="2026-03-01..2026-03-02"
    )
    assert "not of 2026-03-02" in refused(text.format(1), date="2026-03-02")


def test_rows_that_say_their_range_are_spread_over_it() -> None:
    text = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n2026-03-01,2026-03-04,A,1.00\n"
    assert "--spread 2026-03-01..2026-03-04" in refused(text)
    assert spent(read(text, spread="2026-03-01..2026-03-04")) == [250_000] * 4


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5), st.integers(1, 400), st.integers(0, 10**6),
)  # fmt: skip
def test_what_is_spread_adds_up_to_the_micro(micros: list[int], length: int, impressions: int) -> None:
    last = date(2025, 1, 1) + timedelta(days=length - 1)
    lines = "".join(f"META,{Decimal(amount).scaleb(-6):f},{impressions}\n" for amount in micros)
    found = good(read(f"platform,cost,impressions\n{lines}", spread=f"2025-01-01..{last}"))
    assert sum(row.spend_micros for row in found) == sum(micros)
    assert sum(row.impressions for row in found) == impressions * len(micros)
    assert {row.cost_date for row in found} == {date(2025, 1, 1) + timedelta(days=number) for number in range(length)}
    assert max(abs(row.spend_micros * length - amount) for row, amount in zip(found[:length], [micros[0]] * length,
                                                                            strict=True)) < length  # fmt: skip


def test_rows_of_weeks_or_months_are_refused() -> None:
    text = "1 March 2026 - 30 April 2026\nMonth,Campaign,Currency code,Cost\nMarch 2026,A,EUR,1\nApril 2026,A,EUR,2\n"
    assert "has its costs by Month, not by day. Export it by day." in refused(text, spread="2026-03-01..2026-04-30")


def test_a_table_without_days_needs_one() -> None:
    text = "ad_id,xyz_campaign_id,Spent\n1,916,1.43\n"
    said = refused(text)
    assert "has no column of days" in said
    assert "--date DAY, or --spread START..END" in said
    assert [row.cost_date for row in good(read(text, date="2026-03-02"))] == [date(2026, 3, 2)]
    assert refused(f"{GOOGLE}\n2026-03-01,A,EUR,5,1,1,0\n", date="2026-03-02").endswith("Leave --date out.")


def test_own_columns_may_lack_what_options_say() -> None:
    found = read("campaign_id,cost\nc,1.5\n", date="2026-03-02", platform="facebook", account="act_9", currency="usd")
    assert [(row.cost_date.day, row.platform, row.account_id, row.currency) for row in good(found)] == [
        (2, "META", "act_9", "USD")
    ]
    assert "lacks date, platform" in refused("campaign_id,cost\nc,1.5\n")
    (row,) = bad(read("date,platform,cost\n2026-03-01,META,1\n", date="2026-03-02"))
    assert "--date or --spread says another" in row.message


def test_hours_are_summed_by_the_day_of_the_zone() -> None:
    hours = ("2026-03-01 22:00:00", "2026-03-01 23:00:00", "2026-03-02 00:00:00")
    text = "ad_id,date,spend,swipes\n" + "".join(f"1,{hour},1000000,1\n" for hour in hours)
    assert [row.cost_date.day for row in good(read(text))] == [1, 1, 2]
    assert [row.cost_date.day for row in good(read(text, time_zone="Europe/Berlin"))] == [1, 2, 2]
    assert [row.cost_date.day for row in good(read(text, time_zone="America/New_York"))] == [1, 1, 1]


def test_midnights_of_a_zone_in_the_east_need_the_zone() -> None:
    text = "date,billed_charge_local_micro,promoted_tweet_id\n2026-03-28 23:00:00,1,a\n2026-03-29 22:00:00,2,a\n"
    assert "every day begins at 22:00 and 23:00 in UTC" in refused(text)
    assert [row.cost_date.day for row in good(read(text, time_zone="Europe/Berlin"))] == [29, 30]
    west = text.replace("23:00", "08:00").replace("22:00", "07:00")
    assert [row.cost_date.day for row in good(read(west))] == [28, 29]


# Units and currencies


def test_micros_have_no_fraction_and_units_cost_no_fortune_a_click() -> None:
    assert "'1.5' has a fraction" in refused(f"{MICROS}\n2026-03-01,9,c,5,1,1.5\n")
    assert spent(read(f"{MICROS}\n2026-03-01,9,c,5,1,1500000.0\n")) == [1_500_000]
    rows = "".join(f"2026-03-0{day},A,EUR,5,2,{day}000000,0\n" for day in (1, 2, 3))
    assert "a click costs 1,000,000 by Cost, so the amounts look like micros" in refused(f"{GOOGLE}\n{rows}")


def test_the_currency_is_what_the_row_the_header_or_the_cell_says() -> None:
    (row,) = good(read("Day,Campaign name,Amount spent (GBP)\n2026-03-01,A,1.00\n"))
    assert row.currency == "GBP"
    found = read("Day,Campaign,Impr.,Cost\n2026-03-01,A,1,€1.00\n2026-03-01,A,1,$2.00\n", currency="EUR")
    assert [row.currency for row in good(found)] == ["EUR", "EUR"]
    assert [row.message for row in bad(read(f"{GOOGLE}\n2026-03-01,A,USD,1,1,€1.00,0\n"))] == [
        "currency is 'USD', but the cost is in EUR"
    ]
    assert [row.field for row in bad(read(f"{GOOGLE}\n2026-03-01,A,USD,1,1,1.00,0\n", currency="EUR"))] == ["currency"]


def test_a_local_cost_goes_before_dollars_and_dollars_say_so() -> None:
    head = "creative_id,day,campaign_group_id,cost_in_local_currency,cost_in_usd\n"
    found = read(f"{head}1,2026-03-01,g,5,6\n2,2026-03-01,g,,6\n")
    assert [(row.spend_micros, row.currency) for row in good(found)] == [(5_000_000, "EUR"), (6_000_000, "USD")]


# Which table it is


def test_a_table_of_one_platform_needs_its_name() -> None:
    text = "date_day,campaign_name,spend\n2026-03-01,A,1.50\n"
    assert "or --platform for a table of one platform's costs" in refused(text)
    assert [(row.platform, row.campaign_id) for row in good(read(text, platform="Taboola"))] == [("TABOOLA", "A")]
    assert "its platform is GOOGLE_ADS, not META" in refused(f"{MICROS}\n2026-03-01,9,c,5,1,1\n", platform="META")


def test_what_holds_no_costs_is_refused_as_such() -> None:
    said = refused("# Property: Shop\nSession source,Sessions,Engaged sessions,Total revenue\nOrganic Search,6,2,0\n")
    assert "has no column of costs" in said
    assert "Sessions, Engaged sessions count visits, so it is no report of costs" in said


def test_a_second_column_of_costs_is_never_ignored() -> None:
    assert "has unknown" in refused(GOOGLE + ",Cost (converted)\n2026-03-01,A,EUR,5,1,1,0,2\n")


def test_a_mapping_reads_any_table(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'unit = "micros"\norder = "MDY"\n[columns]\ndate = "When"\ncost = "Paid"\ncampaign_id = "Poster"\n[constants]\n'
        'platform = "TABOOLA"\ncurrency = "GBP"\n'
    )
    (row,) = good(read("When|Poster|Paid|Cost of paper\n02/03/2026|p1|1500000|7\n", mapping=path))
    assert (row.cost_date, row.spend_micros, row.currency, row.platform) == (
        date(2026, 2, 3),
        1_500_000,
        "GBP",
        "TABOOLA",
    )
    assert "lacks Paid, which m.toml reads as cost" in refused("When,Spend\n", mapping=path)
    for content, fault in (("x", "no mapping"), ("[columns]\ndate = 'D'", "lacks cost")):
        path.write_text(content)
        with pytest.raises(UsageError, match=fault):
            mapping_option(path)
    with pytest.raises(UsageError, match="cannot be read"):
        mapping_option(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"date": "1.3.2026"}, "--date is a day"), ({"spread": "2026-03-01"}, "--spread is two days"),
        ({"spread": "2026-03-02..2026-03-01"}, "from 1 to 400 days"), ({"currency": "EURO"}, "three letters"),
        ({"spread": "2020-01-01..2026-03-01"}, "from 1 to 400 days"), ({"time_zone": "Berlin"}, "no time zone"),
        ({"platform": "Googel"}, "no ad platform"), ({"account": "x" * 129}, "at most 128"),
        ({"date": "2026-03-01", "spread": "2026-03-01..2026-03-02"}, "exclude each other"),
    ],
)  # fmt: skip
def test_an_option_that_says_nothing_is_refused(said: dict[str, str], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        options(**said)


def test_an_export_is_read_from_json_and_parquet_as_from_csv(tmp_path: Path) -> None:
    text = f"{MICROS}\n2026-03-01,9,c,5,1,1500000\n2026-03-02,9,c,5,1,2500000\n"
    expected = good(read(text))
    rows = [dict(zip(MICROS.split(","), line.split(","), strict=True)) for line in text.splitlines()[1:]]
    objects = ",".join(str(row).replace("'", '"') for row in rows)
    assert good(read(f"[{objects}]", "c.json")) == good(read(objects.replace("},", "}\n"), "c.jsonl")) == expected
    days = [date.fromisoformat(row["date"]) for row in rows]
    table = pa.table({**{name: [row[name] for row in rows] for name in rows[0]}, "date": days, "other": [[1], [2]]})
    pq.write_table(table, tmp_path / "c.parquet")
    assert good(read((tmp_path / "c.parquet").read_bytes(), "c.parquet")) == expected


def test_an_object_with_a_cost_that_the_others_lack_is_refused_alone() -> None:
    row = '{"date": "2026-03-01", "customer_id": 9, "cost_micros": 5'
    found = read(f'{row}}}\n{row}, "spend": 7}}\n{row}, "device": "x"}}\n{row}}}\n', "c.jsonl")
    assert (spent(found), [one.source for one in bad(found)]) == ([5, 5, 5], ["c.jsonl:2"])


def test_equal_rows_of_an_export_are_named_and_equal_figures_are_not() -> None:
    row = "2026-03-01,9,c,0,0,0"
    assert read(f"{MICROS}\n{row}\n{row}\n").notes.repeated == [("c.csv:3", "c.csv:2")]
    head = MICROS + ",device"
    assert read(f"{head}\n{row},MOBILE\n{row},DESKTOP\n").notes.repeated == []


def test_dollars_are_not_taken_for_another_currency() -> None:
    found = read('Date,Campaign,Spend\n2026-06-06,x,"$1,250.00"\n2026-06-07,y,£10.50\n', platform="TIKTOK")
    assert [row.message for row in bad(found)] == [
        "the cost is '$1,250.00', which is not in EUR: name its currency with --currency"
    ]
    assert [(row.currency, row.spend_micros) for row in good(found)] == [("GBP", 10_500_000)]
    dollars = read('Date,Campaign,Spend\n2026-06-06,x,"$1,250.00"\n', platform="TIKTOK", currency="USD")
    assert [(row.currency, row.spend_micros) for row in good(dollars)] == [("USD", 1_250_000_000)]


def test_rows_that_begin_and_end_on_one_day_are_of_that_day() -> None:
    found = read(
        "Reporting starts,Reporting ends,Campaign name,Campaign ID,Amount spent (EUR),Impressions\n"
        "2026-05-20,2026-05-20,A,1,10.00,100\n2026-05-21,2026-05-21,A,1,20.00,100\n"
    )
    assert [(row.cost_date.day, row.spend_micros) for row in good(found)] == [(20, 10_000_000), (21, 20_000_000)]


def test_a_header_that_fits_several_platforms_asks_for_the_platform() -> None:
    text = "Date,Campaign name,Amount spent (EUR),Impressions,Clicks\n2026-03-01,A,1.00,10,1\n"
    said = refused(text)
    assert "is one of" in said
    for platform in ("META", "REDDIT"):
        assert f"--platform {platform}" in said
        (row,) = good(read(text, platform=platform))
        assert (row.platform, row.spend_micros, row.currency) == (platform, 1_000_000, "EUR")
    assert good(read(text.replace("Clicks", "Link clicks")))[0].platform == "META"
    assert good(read(text.replace("Clicks", "Upvotes")))[0].platform == "REDDIT"


@pytest.mark.parametrize("label", ["Total", "Summe", "Gesamt", "合計", "Grand total", ""])
def test_a_row_that_is_the_sum_of_the_others_is_left_out_of_any_table(label: str, tmp_path: Path) -> None:
    rows = "2026-03-01,A,1.00\n2026-03-01,B,2.50\n2026-03-02,A,4.00\n"
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\ndate = "When"\ncampaign_name = "What"\ncost = "Paid"\n[constants]\nplatform = "META"\n'
    )
    tables: list[tuple[str, dict[str, Any]]] = [
        ("date,campaign,spend", {"platform": "META"}), ("When,What,Paid", {"mapping": mapping})
    ]  # fmt: skip
    for header, said in tables:
        for total in (f"2026-03-02,{label},7.50\n", f"2026-03-01,{label},3.50\n", f",{label},7.50\n"):
            found = read(f"{header}\n{rows}{total}", **said)
            assert (spent(found), found.notes.left_out) == ([1_000_000, 2_500_000, 4_000_000], 1), total
            assert not bad(found)
        other = read(f"{header}\n{rows}2026-03-02,{label},7.00\n", **said)
        assert (len(good(other)), other.notes.left_out) == (4, 0)


def test_a_total_among_our_own_columns_is_left_out_and_counted() -> None:
    rows = "date,platform,campaign_id,cost\n2026-03-01,META,A,1.00\n2026-03-01,META,B,2.50\n"
    for total in ("Total,,,3.50\n", "2026-03-01,META,Total,3.50\n"):
        found = read(rows + total)
        assert (spent(found), bad(found), found.notes.left_out) == ([1_000_000, 2_500_000], [], 1)
    assert len(good(read(rows + "2026-03-01,META,Total recall,9.00\n"))) == 3


def test_the_decimal_mark_and_the_order_of_dates_apply_to_our_own_columns() -> None:
    text = 'date,platform,campaign_id,cost,clicks\n02/03/2026,META,A,"1.234,50",7\n'
    (row,) = good(read(text, decimal=",", order="DMY"))
    assert (row.cost_date, row.spend_micros, row.clicks) == (date(2026, 3, 2), 1_234_500_000, 7)
    assert [one.field for one in bad(read(text))] == ["date"]


@pytest.mark.parametrize(
    "table",
    [
        ("Start Date,End Date,Portfolio name,Currency,Campaign Name,Impressions,Clicks,Spend,7 Day Total Sales\n"
        "2026-03-01,2026-03-31,P,EUR,A,1200,34,12.34,80.00\n2026-03-01,2026-03-31,P,EUR,B,900,20,8.00,0\n"),
        ("Start Time,End Time,Campaign Name,Campaign ID,Currency,Amount Spent,Paid Impressions,Swipe Ups\n"
        "2026-03-01T00:00:00.000+01:00,2026-04-01T00:00:00.000+02:00,A,1,EUR,12.34,1200,34\n"
        "2026-03-01T00:00:00.000+01:00,2026-04-01T00:00:00.000+02:00,B,2,EUR,8.00,900,20\n"),
    ],
    ids=["Amazon", "Snapchat"],
)  # fmt: skip
def test_totals_of_a_month_are_not_of_its_first_day(table: str) -> None:
    with pytest.raises(InputError, match=r"totals of 2026-03-01 to 2026-03-31.*--spread 2026-03-01\.\.2026-03-31"):
        read_file(CostFile(Path("export.csv"), table.encode()), Reading("EUR", date(2026, 12, 31)))


@pytest.mark.parametrize(
    ("cost", "currency", "amount"),
    [
        ("\u00a51,234", "JPY", 1234), ("\uffe51.234", "JPY", 1234), ("\u20a912,345", "KRW", 12345),
        ("1,234", "EUR", None),
        ("12,34 K\u010d", "CZK", Decimal("12.34")), ("1 234,50 Ft", "HUF", Decimal("1234.50")),
    ],
)  # fmt: skip
def test_three_digits_of_a_currency_without_cents_are_thousands(
    cost: str, currency: str, amount: Decimal | int | None
) -> None:
    table = f"Day\tCampaign\tCampaign status\tCurrency code\tCost\n2026-03-01\tA\tEnabled\t{currency}\t{cost}\n"
    file, reading = CostFile(Path("export.tsv"), table.encode()), Reading("EUR", date(2026, 12, 31))
    if amount is None:
        with pytest.raises(InputError, match="can be a decimal or thousands"):
            read_file(file, reading)
    else:
        ((_, row),) = read_file(file, reading).rows
        assert isinstance(row, AdCost)
        assert row.spend_micros == amount * 1_000_000
