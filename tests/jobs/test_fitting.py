"""A fit is made of a closed window, kept in the ledger, used from the next run on, and never changed."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from tests.oracle.engine import changes, snapshot
from tests.quantifiers import each
from touchline.engines import DuckDB
from touchline.errors import UnknownError, UsageError
from touchline.jobs import erasing, fitting, importing, keeping, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.models import MODELS
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.checks import conservation_checks
from touchline.reports.explain import explain_conversion
from touchline.settings import Home

MARKS = {"a": "utm_source=google&utm_medium=cpc", "b": "utm_source=letter&utm_medium=email", "c": "utm_source=x"}
NAMES = {"a": "Paid Search", "b": "Email"}


def journey(who: str, path: str, *, converts: bool) -> list[dict[str, object]]:
    """A visit by each letter's marks from 10 o'clock on, and perhaps an order after them."""
    visits: list[dict[str, object]] = [
        {
            "eventId": f"{who}-{n}", "anonId": who, "url": f"https://shop.example/?{MARKS[letter]}",
            "occurredAt": f"2026-03-02T{10 + n}:00:00Z",
        }
        for n, letter in enumerate(path)
    ]  # fmt: skip
    bought = {"eventId": f"{who}-buy", "anonId": who, "type": "CONVERSION", "orderId": who, "value": 10}
    return [*visits, *([bought | {"occurredAt": "2026-03-02T20:00:00Z"}] if converts else [])]


def textbook(tell: Tell) -> None:
    """One path over a, b, c converts; a alone and b, c do not; and an order that no visit led to."""
    lost = {"eventId": "nobody", "anonId": "nobody", "type": "CONVERSION", "orderId": "z", "value": 1}
    tell(
        *journey("ann", "abc", converts=True), *journey("bob", "a", converts=False),
        *journey("cid", "bc", converts=False), lost,
    )  # fmt: skip


def values(fit: fitting.Fit, statistic: str) -> dict[str, float]:
    return {value.name: value.value for value in fit.values if value.statistic == statistic}


def standing(workspace: Workspace) -> dict[str, list[dict[str, object]]]:
    assert isinstance(workspace.engine, DuckDB)
    return snapshot(workspace.engine)


def test_the_textbook_example_through_the_whole_house(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    made = fitting.make_fit(workspace, "shop", now=NOW)
    assert (made.fit_id, made.window_end) == ("MARKOV/shop/2026-03-02/v1", date(2026, 3, 2))
    assert sorted(values(made, "removal_effect").values()) == pytest.approx([0.5, 1, 1])
    credit = values(made, "model_conversions")
    assert (credit["Paid Search"], credit["Email"]) == pytest.approx((0.2, 0.4))
    assert (values(made, "conversions"), values(made, "null_paths")) == ({"": 1.0}, {"": 2.0})
    assert running.run(workspace).is_rebuild
    told = explain_conversion(workspace.engine, "shop", "ann")
    given = {touch.channel: credit for touch in told.touches for credit in touch.credits if credit.model == "MARKOV"}
    assert {channel: one.weight for channel, one in given.items()} == pytest.approx(credit)
    assert {one.fit_id for one in given.values()} == {made.fit_id}
    assert each(total.is_whole for total in told.sums)
    assert each(check.is_held for check in conservation_checks(workspace.engine, "shop"))


def test_reports_by_channel_show_what_the_model_itself_gives(workspace: Workspace, tell: Tell) -> None:
    """Two orders over a alone next to the textbook's: links give a all of these, the model a share of all three."""
    textbook(tell)
    tell(*journey("dan", "a", converts=True), *journey("eva", "a", converts=True))
    running.run(workspace)
    assert attribution_report(workspace.engine, "shop").totals.own_conversions is None
    made = fitting.make_fit(workspace, "shop", now=NOW)
    running.run(workspace)
    report = attribution_report(workspace.engine, "shop", model="MARKOV")
    own = {row.key: row.own_conversions for row in report.rows}
    assert own == pytest.approx({**values(made, "model_conversions"), "(unattributed)": 0.0})
    assert report.totals.own_conversions == pytest.approx(3)
    links = {row.key: row.conversions for row in report.rows}
    assert links["Paid Search"] - (own["Paid Search"] or 0) > 0.1
    compared = model_comparison(workspace.engine, "shop")
    markov = compared.models.index("MARKOV")
    assert {row.key: row.models[markov].own_conversions for row in compared.rows} == own
    assert {cell.own_conversions for cell in compared.totals.models[:markov]} == {None}
    for other in (
        attribution_report(workspace.engine, "shop", model="MARKOV", by="source"),
        attribution_report(workspace.engine, "shop", model="MARKOV", basis="TOUCH"),
        attribution_report(workspace.engine, "shop", model="LINEAR"),
    ):
        assert {row.own_conversions for row in (*other.rows, other.totals)} == {None}
    before = date(2026, 3, 1)
    assert (
        attribution_report(workspace.engine, "shop", model="MARKOV", end=before, start=before).totals.own_conversions
        == 0
    )


def test_a_run_with_the_same_fits_changes_nothing_and_a_rebuild_uses_them(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    fitting.make_fit(workspace, "shop", now=NOW)
    running.run(workspace)
    stood = standing(workspace)
    tell(*journey("dan", "ba", converts=True))
    assert not running.run(workspace).is_rebuild
    more = standing(workspace)
    assert changes(stood, more) != ""
    running.run(workspace, is_rebuild=True)
    assert changes(more, standing(workspace)) == ""


def test_another_fit_of_a_window_is_its_next_version_and_the_first_is_kept(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    first = fitting.make_fit(workspace, "shop", now=NOW)
    tell(*journey("dan", "ba", converts=True))
    running.run(workspace)
    second = fitting.make_fit(workspace, "shop", now=NOW)
    assert second.fit_id == "MARKOV/shop/2026-03-02/v2"
    replaced, stands = fitting.list_fits(workspace, "shop")
    assert (replaced.serves_from, stands.serves_from is not None) == (None, True)
    assert fitting.find_fit(workspace, "shop", first.fit_id).values == first.values
    assert second.values != first.values


def test_only_a_window_that_is_over_can_be_fitted(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    today = datetime.fromtimestamp(NOW / 1e6, UTC).date()
    with pytest.raises(UsageError, match="has not ended yet"):
        fitting.make_fit(workspace, "shop", now=NOW, window_end=today)
    setup.add_site(workspace, "shop", name="west", domain="west.example", time_zone="Pacific/Honolulu", now=NOW)
    early = NOW - 12 * 3_600_000_000  # still the day before yesterday in Honolulu
    with pytest.raises(UsageError, match="ended on every site is 2026-03-05"):
        fitting.make_fit(workspace, "shop", now=early, window_end=date(2026, 3, 6))


@pytest.mark.parametrize(
    ("choices", "complaint"),
    [
        ({"kind": "SHAPLEY"}, "no fit of 'SHAPLEY'"),
        ({"days": 0}, "1 to 3650 days"),
        ({"window_end": date(2026, 2, 1)}, "nothing to fit"),
        ({"kind": "PROCESS_LIMITS"}, "no limits to lock"),
        ({"kind": "USUAL_CPA"}, "too few"),
    ],
)
def test_what_cannot_be_fitted_is_said(
    workspace: Workspace, tell: Tell, choices: dict[str, object], complaint: str
) -> None:
    textbook(tell)
    running.run(workspace)
    with pytest.raises(UsageError, match=complaint):
        fitting.make_fit(workspace, "shop", now=NOW, **choices)  # type: ignore[arg-type]
    assert fitting.list_fits(workspace, "shop") == []


def test_a_model_without_a_fit_is_no_answer_and_no_default(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    with pytest.raises(UsageError, match="MARKOV has no fit yet"):
        setup.change_setting(workspace, "shop", "default_model", "MARKOV", now=NOW)
    assert explain_conversion(workspace.engine, "shop", "ann").without_fit == ("MARKOV",)
    fitting.make_fit(workspace, "shop", now=NOW)
    setup.change_setting(workspace, "shop", "default_model", "MARKOV", now=NOW)
    running.run(workspace)
    assert explain_conversion(workspace.engine, "shop", "ann").without_fit == ()
    with pytest.raises(UnknownError, match="no fit 'MARKOV/other"):
        fitting.find_fit(workspace, "shop", "MARKOV/other/2026-03-02/v1")


def test_a_fit_tells_of_nobody_and_outlives_an_erasure(workspace: Workspace, tell: Tell) -> None:
    textbook(tell)
    running.run(workspace)
    made = fitting.make_fit(workspace, "shop", now=NOW)
    erasing.erase(workspace, "shop", visitor="ann", now=NOW)
    running.run(workspace)
    kept = repr([workspace.ledger.rows(table) for table in (schema.FITS, schema.FIT_VALUES)])
    assert [name for name in ("ann", "bob", "cid") if name in kept] == []
    assert fitting.find_fit(workspace, "shop", made.fit_id) == made
    tables = standing(workspace)
    assert {row["model"] for row in tables["attribution_links"]} >= {"MARKOV"}
    running.run(workspace, is_rebuild=True)
    assert changes(tables, standing(workspace)) == ""


def test_a_backup_carries_the_fits(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    textbook(tell)
    running.run(workspace)
    made = fitting.make_fit(workspace, "shop", now=NOW)
    running.run(workspace)
    stood = standing(workspace)
    keeping.back_up_home(workspace.home, tmp_path / "copy")
    keeping.restore_home(tmp_path / "copy", Home(tmp_path / "new"))
    with Workspace(Home(tmp_path / "new")) as restored:
        assert fitting.find_fit(restored, "shop", made.fit_id) == made
        running.run(restored)
        assert changes(stood, standing(restored)) == ""


SPENT = """date,platform,campaign_id,campaign_name,cost,currency
2026-03-02,GOOGLE_ADS,1,spring,30,EUR
2026-03-03,META,7,ads,30,EUR
2026-03-03,GOOGLE_ADS,1,spring,8,USD
2026-03-02,LINKEDIN,9,free,0,EUR
2026-03-01,GOOGLE_ADS,1,spring,1000,EUR
2026-03-05,GOOGLE_ADS,1,spring,5000,EUR
"""


def bought(who: str, day: int, **said: object) -> list[dict[str, object]]:
    """An order on this day, and a visit by a bought click before it; v0's came on the day before the window."""
    marks = "utm_source=linkedin&utm_medium=cpc" if who == "free" else MARKS["a"]
    at, url = f"2026-03-{day:02}T1", f"https://shop.example/?{marks}"
    seen_at = "2026-03-01T1" if who == "v0" else at
    order = {"eventId": f"{who}-buy", "anonId": who, "type": "CONVERSION", "orderId": who, "value": 10, **said}
    return [{"eventId": who, "anonId": who, "url": url, "occurredAt": f"{seen_at}0:00:00Z"},
            order | {"occurredAt": f"{at}1:00:00Z"}]  # fmt: skip


def usual(workspace: Workspace, tell: Tell, orders: int, tmp_path: Path) -> dict[str, float]:
    """The usual CPA of 2026-03-02 to 2026-03-03, in which so many orders in euros came from Google."""
    tell(*(event for n in range(orders) for event in bought(f"v{n}", 2 + n % 2)))
    tell(*bought("before", 1), *bought("after", 5), *bought("foreign", 3, currency="USD"), *bought("free", 2))
    tell(*bought("trial", 3, name="signup", type="CUSTOM", value=None), *journey("letter", "b", converts=True))
    (tmp_path / "costs.csv").write_text(SPENT, encoding="utf-8")
    importing.import_costs(workspace, [tmp_path / "costs.csv"], organization_id="shop", now=NOW)
    running.run(workspace)
    last = date(2026, 3, 3)
    return values(fitting.make_fit(workspace, "shop", now=NOW, kind="USUAL_CPA", window_end=last, days=2),
                  "usual_cpa_micros")  # fmt: skip


def test_the_usual_cpa_is_the_windows_spend_by_the_conversions_that_paid_platforms_led_to(
    workspace: Workspace, tell: Tell, tmp_path: Path
) -> None:
    """60 euros by 10 orders; neither other days, other currencies, unpaid channels nor other goals are in it."""
    setup.set_goal(workspace, "shop", setup.Goal("signup", event_type="CUSTOM", event_name="signup"))
    setup.change_setting(workspace, "shop", "primary_goal", "conversion", now=NOW)
    found = usual(workspace, tell, 10, tmp_path)
    assert found == {f"{model}/EUR": 6_000_000.0 for model in MODELS}


def test_where_no_goal_is_primary_all_goals_count(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    setup.set_goal(workspace, "shop", setup.Goal("signup", event_type="CUSTOM", event_name="signup"))
    found = usual(workspace, tell, 11, tmp_path)
    assert found == {f"{model}/EUR": 5_000_000.0 for model in MODELS}


def test_nine_conversions_are_too_few_for_a_usual_cpa(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fewer than 10 conversions under every model"):
        usual(workspace, tell, 9, tmp_path)
    assert fitting.list_fits(workspace, "shop") == []
