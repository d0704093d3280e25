"""What customers say, next to what was tracked: which channels an answer names, and how far each model agrees."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.conftest import ORGANIZATION, event, order, workspace
from tests.reports.three_engines import SHOP, Numbers, opened
from touchline.channels.ladder import CHANNELS as KNOWN
from touchline.channels.sources import source_of_word
from touchline.cli.models_shown import comparison
from touchline.cli.shown import attribution
from touchline.cli.terminal import console
from touchline.data_rows import data_rows
from touchline.engines import Engine
from touchline.models import MODELS
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.catalog import report_named
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.reports.report import document
from touchline.reports.survey import CHANNELS, CODES, agrees, mask_of, named_by
from touchline.settings import Home

SOCIAL = {"Paid Social", "Organic Social"}
PAID = "https://shop.example/?utm_source=google&utm_medium=cpc"
MAIL = "https://shop.example/?utm_source=letter&utm_medium=email"


@pytest.mark.parametrize(
    ("answer", "channels", "platforms"),
    [
        ("saw you on insta", SOCIAL, {"META"}),
        ("Instagram or Facebook ad", SOCIAL, {"META"}),
        ("IG!", SOCIAL, {"META"}),
        ("Tik Tok", SOCIAL, {"TIKTOK"}),
        ("a reel", SOCIAL, set()),
        ("You Tube", {"Paid Video", "Organic Video"}, {"GOOGLE_ADS"}),
        ("Chat GPT told me", {"AI Assistant"}, {"OPENAI"}),
        ("my LinkedIn feed, then your newsletter", {*SOCIAL, "Email"}, {"LINKEDIN"}),
        ("a blog", {"Referral"}, set()),
        ("Trustpilot", SOCIAL, set()),
        ("I knew you already", {"Direct"}, set()),
        ("Gutschein", {"Affiliates"}, set()),
    ],
)
def test_an_answer_names_channels_and_platforms(answer: str, channels: set[str], platforms: set[str]) -> None:
    named = named_by(answer)
    assert (set(named.channels), set(named.platforms)) == (channels, platforms)


@pytest.mark.parametrize(
    "answer", ["a friend", "podcast", "", " ", "ad", "\0", "🙂", "brave people, free stuff", "igloo"]
)
def test_what_names_nothing_stays_unknown(answer: str) -> None:
    assert (named_by(answer).channels, named_by(answer).platforms) == (frozenset(), frozenset())
    assert agrees(answer, "Direct") is None


@given(st.text(max_size=600))
def test_any_text_is_an_answer(text: str) -> None:
    assert named_by(text).channels <= set(CHANNELS)


def test_the_words_name_sources_and_channels_that_there_are() -> None:
    rows = data_rows("survey_words.csv")
    unknown = [row["source"] for row in rows if row["source"] and not source_of_word(row["source"].casefold())[0].name]
    assert unknown == []
    assert [row["word"] for row in rows if not named_by(row["word"]).channels] == []
    assert set(CHANNELS) <= set(KNOWN)


def test_each_channel_has_a_bit_that_its_code_spells() -> None:
    masks = [mask_of([channel]) for channel in CHANNELS]
    assert sorted(masks) == [1 << place for place in range(len(CHANNELS))]
    assert CODES.count("|") == len(CHANNELS)
    assert max(masks) < 10**7


def said(answer: str) -> dict[str, object]:
    return {"survey": {"question": "From where?", "answer": answer}}


EVENTS = [
    # Ann clicked an ad of Google's, then the newsletter, which she remembers: first touch does not agree.
    event("ann", "03-01T10:00", url=PAID),
    event("ann", "03-02T10:00", url=MAIL),
    order("ann", "03-02T10:05", "1", 100.0, **said("your newsletter")),
    # Bea names Google, and clicked its ad.
    event("bea", "03-01T10:00", url=PAID),
    order("bea", "03-01T10:05", "2", 50.0, **said("Google")),
    # Cid names Instagram, where nobody saw him, and Dan a friend.
    event("cid", "03-01T11:00", url=PAID),
    order("cid", "03-01T11:05", "3", 30.0, **said("saw you on insta")),
    event("dan", "03-01T12:00", url=PAID),
    order("dan", "03-01T12:05", "4", 20.0, **said("a friend")),
    # Eva was not asked.
    event("eva", "03-01T13:00", url=PAID),
    order("eva", "03-01T13:05", "5", 10.0),
]
COSTS = "date,platform,campaign_id,cost,currency\n2026-03-01,META,m1,60,EUR\n"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with workspace(tmp_path_factory.mktemp("asked"), events=EVENTS, costs=COSTS) as made:
        yield made.engine


def test_answers_are_a_column_and_change_no_credit(asked: Engine) -> None:
    report = attribution_report(asked, ORGANIZATION, model="LAST_TOUCH", by="channel")
    found = {row.key: (row.conversions, row.self_reported) for row in report.rows}
    assert found == {"Paid Search": (4.0, 1), "Email": (1.0, 1), "(no visit)": (0.0, 0)}
    assert (report.totals.conversions, report.totals.self_reported) == (5.0, 3)


def test_answers_name_platforms_too(asked: Engine) -> None:
    report = attribution_report(asked, ORGANIZATION, by="platform")
    assert {row.key: row.self_reported for row in report.rows} == {"GOOGLE_ADS": 1, "META": 1, "(no ad platform)": 0}
    assert report.totals.self_reported == 2


@pytest.mark.parametrize("by", ["campaign", "city", "source_class"])
def test_rows_that_no_answer_names_have_no_number(asked: Engine, by: str) -> None:
    report = report_named("attribution").function(asked, ORGANIZATION, by=by)
    assert {row.self_reported for row in (*report.rows, report.totals)} == {None}


def test_each_model_agrees_with_some_of_those_who_name_a_channel(asked: Engine) -> None:
    report = model_comparison(asked, ORGANIZATION, by="channel")
    cells = {row.key: {cell.model: cell.agreement for cell in row.models} for row in (*report.rows, report.totals)}
    assert (cells["Email"]["FIRST_TOUCH"], cells["Email"]["LAST_TOUCH"], cells["Email"]["LINEAR"]) == (0.0, 1.0, 1.0)
    assert {cells["Paid Search"][model] for model in MODELS} == {1.0}
    assert cells[""]["FIRST_TOUCH"] == pytest.approx(1 / 3)
    assert cells[""]["LAST_TOUCH"] == pytest.approx(2 / 3)
    assert report.totals.self_reported == 3


def test_the_window_chooses_whose_answers_count(asked: Engine) -> None:
    assert attribution_report(asked, ORGANIZATION, start=date(2026, 3, 2)).totals.self_reported == 1


@pytest.mark.usefixtures("without_charts")
def test_the_terminal_the_table_and_the_page_show_them(asked: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    report = model_comparison(asked, ORGANIZATION)
    console().print(attribution(attribution_report(asked, ORGANIZATION)), width=200)
    console().print(comparison(report), width=200)
    out = capsys.readouterr().out
    assert "named by" in out
    assert "Conversions whose customer names a channel" in out
    table = report_named("models").table_of(report)
    email = next(row for row in table.rows if row[0] == "Email")
    assert dict(zip(table.columns, email, strict=True))["LAST_TOUCH_agreement"] == 1.0
    text = page(overview(asked, ORGANIZATION, model="LAST_TOUCH"))
    assert "<th>Named by customers</th>" in text
    assert "<td>Email</td><td>1</td><td>20.0%</td><td>100.00</td><td>1</td>" in text


@pytest.fixture(scope="module")
def on_duckdb(prepared: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    with opened("duckdb", prepared, tmp_path_factory.mktemp("first")) as found:
        yield document(model_comparison(found.engine, SHOP))


def test_every_engine_agrees_as_far(on_duckdb: object, numbers: Numbers) -> None:
    report = model_comparison(numbers.engine, SHOP)
    assert document(report) == on_duckdb
    assert report.totals.self_reported
