"""``doctor`` on small worlds, each with one thing wrong: it names the cause, and the step that mends it."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.sharing import held_open
from touchline.cli import main
from touchline.ingest.context import Context
from touchline.jobs.doctor import money
from touchline.models import MODELS
from touchline.settings import CROWDED_CONVERSIONS

Said = dict[str, Any]
Asked = Callable[[str], list[Said]]


def visit(day: str = "03-02", **said: Any) -> Said:
    """A visit by a bought click."""
    return {
        "eventId": f"v{day}{said.get('anonId', 'ada')}", "type": "PAGE_VIEW", "anonId": "ada",
        "occurredAt": f"2026-{day}T09:00:00Z",
        "url": "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring", **said,
    }  # fmt: skip


def purchase(day: str = "03-02", **said: Any) -> Said:
    return {
        "eventId": f"o{day}", "type": "CONVERSION", "name": "purchase", "anonId": "ada", "value": 80,
        "occurredAt": f"2026-{day}T10:00:00Z", **said,
    }  # fmt: skip


def costs(*rows: str) -> str:
    """A cost report in its usual columns."""
    return "\n".join(["date,platform,campaign_id,campaign_name,cost,currency", *rows, ""])


SPRING = "2026-03-02,GOOGLE_ADS,1,spring,10,EUR"
WELL = [visit(), purchase()]


class Diagnosis:
    """A home that is told things, and what the doctor then says of it."""

    def __init__(self, touchline: Command, folder: Path) -> None:
        self._touchline = touchline
        self._folder = folder

    def told(self, events: Sequence[Said], report: str = "", *commands: str) -> None:
        """Events, a cost report and commands come in, and the numbers follow."""
        file = self._folder / "events.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
        self._touchline("import", "events", file)
        if report:
            (self._folder / "costs.csv").write_text(report, encoding="utf-8")
            self.do(f"import costs {self._folder}/costs.csv")
        for command in commands:
            self.do(command)
        self.do("run")

    def do(self, command: str) -> None:
        assert self._touchline(*command.split()).exit_code == 0, command

    def checks(self) -> list[Said]:
        found = self._touchline("doctor", "--json").document["checks"]
        assert [check for check in found if check["status"] != "ok" and not check["next_step"]] == []
        return list(found)

    def of_cause(self, cause: str) -> Said:
        """The one check that names this cause."""
        (found,) = [check for check in self.checks() if check["cause"] == cause]
        return dict(found)

    def said(self, order: str) -> Said:
        """How this order is explained."""
        return dict(self._touchline("explain", "conversion", order, "--json").document)

    def follow(self, step: str) -> None:
        """What the next step says."""
        self.do(step.removeprefix("touchline "))
        self.do("run")


@pytest.fixture
def diagnosis(home: Path, touchline: Command, tmp_path: Path) -> Diagnosis:
    return Diagnosis(touchline, tmp_path)


def test_nothing_is_said_to_be_missing_where_nothing_is(diagnosis: Diagnosis) -> None:
    diagnosis.told(WELL, costs(SPRING), "target set --cpa 40")
    found = diagnosis.checks()
    assert {check["status"] for check in found} == {"ok"}
    assert {check["cause"] for check in found} == {"", "no_fit", "within_targets"}


LINKS = {
    "no_touchpoint": ([purchase()], "no event belongs to a visit", "Import page views"),
    "unseen_visitor": ([visit(), purchase(anonId="bob")], "sent without a visit", "tl_vid"),
    "no_visit": ([visit(), purchase(anonId=None, userId="7")], "whose userId or emailHash", "IDENTIFY"),
    "no_evidence": ([purchase(url="https://shop.example/thanks")], "so they are Direct", "explain conversion"),
    "no_identity": ([visit(), purchase(anonId=None)], "without anonId, userId, or emailHash", "explain conversion"),
    "only_afterwards": ([visit("03-05"), purchase()], "touches that came after them", "clocks"),
    "outside_lookback": ([visit("01-01"), purchase()], "the nearest within 61 days", "lookback_days"),
    "test": ([visit(), purchase(isTest=True)], "with status test", "touchline explain conversion"),
    "refunded": (
        [visit(), purchase(orderId="A"), {**purchase("03-03", orderId="A", value=80), "type": "REFUND"}],
        "with status refunded", "touchline explain conversion",
    ),
    "no_goal": ([visit(), {**purchase(), "type": "CUSTOM"}], "CUSTOM events named 'purchase'", "goal set NAME"),
    "refused": ([visit(), purchase(value="80,00")], "wrong_type", "touchline rejected --reason wrong_type"),
    "no_conversion": ([visit()], "nothing to attribute", "goals above"),
}  # fmt: skip
"""By cause: what a shop is told, and what is said of it."""
MARCH_FIRST = costs("2026-03-01,GOOGLE_ADS,1,spring,10,EUR")
ROLLUPS = {
    "days_without_costs": ("costs of GOOGLE_ADS", MARCH_FIRST, "2026-03-02 to"),
    "no_shared_day": ("rollups", MARCH_FIRST, "No day has both"),
    "campaign_not_seen": ("costs meet touches", costs("2026-03-02,GOOGLE_ADS,2,autumn,10,EUR"), "autumn"),
    "other_currency": ("money in USD", costs(SPRING, SPRING.replace("EUR", "USD")), "no exchange rate to EUR"),
}
OLD = SPRING.replace("03-02", "01-15")
WASTE = {
    "no_costs": ("", [], "touchline import costs FILE…"),
    "no_costs_in_window": (
        costs(OLD), [], "Import newer costs, or: touchline settings set waste_window_days 47",
    ),
    "other_currency": (costs(SPRING.replace("EUR", "USD")), [], "touchline import rates FILE…, or: touchline"),
    "no_target": (costs(SPRING), [], "touchline target set --cpa AMOUNT"),
    "target_of_nothing": (costs(SPRING), ["target set --cpa 40 --platform META"], "Compare"),
    "within_targets": (costs(SPRING), ["target set --cpa 40"], ""),
    "other_model": (
        costs(SPRING.replace("03-02,", "02-20,").replace(",10,", ",120,"), SPRING.replace("03-02,", "03-03,")),
        ["target set --cpa 10"],
        "waste --model",
    ),
}  # fmt: skip


def late_letters() -> list[Said]:
    """The campaign ends twelve paths and begins none."""
    letter = "https://shop.example/?utm_source=letter&utm_medium=email"
    events = []
    for day in [f"02-{n}" for n in range(20, 29)] + ["03-01", "03-02", "03-03"]:
        first = visit(day, url=letter, anonId=day, eventId=f"l{day}", occurredAt=f"2026-{day}T07:00:00Z")
        events += [first, visit(day, anonId=day), purchase(day, anonId=day)]
    return events


def shops() -> Iterator[tuple[str, list[Said], str, list[str]]]:
    """By name, what each shop is told: its events, a cost report and commands."""
    for cause, (events, *_) in LINKS.items():
        yield f"links {cause}", events, "", []
    for cause, (_, report, _) in ROLLUPS.items():
        yield f"rollups {cause}", WELL, report, []
    for cause, (report, commands, _) in WASTE.items():
        yield f"waste {cause}", late_letters() if cause == "other_model" else WELL, report, commands


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with all these shops: a run takes as long for one as for many. Tests ask it, and change nothing."""
    folder = tmp_path_factory.mktemp("street")
    home = folder / "home"

    def do(*words: str) -> None:
        assert main([*words, "--home", str(home)]) == 0, words

    for place, (name, events, report, commands) in enumerate(shops()):
        made = ["organization", "add", name] if place else ["init", "--name", name]
        do(*made, "--domain", f"shop{place}.example", "--currency", "EUR")
        of = ("--organization", organization_of(name))
        (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
        do("import", "events", str(folder / "events.jsonl"), *of)
        if report:
            (folder / "costs.csv").write_text(report, encoding="utf-8")
            do("import", "costs", str(folder / "costs.csv"), *of)
        for command in commands:
            do(*command.split(), *of)
    do("run")
    with held_open(home):
        yield home


def organization_of(shop: str) -> str:
    """The id that a shop's name gives it."""
    return shop.replace(" ", "-").replace("_", "-")


@pytest.fixture
def asked(street: Path, touchline: Command) -> Asked:
    """What the doctor says of a shop of the street."""

    def checks(shop: str) -> list[Said]:
        own = ("--organization", organization_of(shop))
        found = touchline("doctor", *own, "--home", street, "--json").document["checks"]
        steps = {check["next_step"] for check in found if check["status"] != "ok"}
        assert "" not in steps
        return [{**check, "next_step": check["next_step"].replace(f" {' '.join(own)}", "")} for check in found]

    return checks


@pytest.mark.parametrize("cause", LINKS)
def test_conversions_without_links(asked: Asked, cause: str) -> None:
    _, words, step = LINKS[cause]
    (found,) = [check for check in asked(f"links {cause}") if check["cause"] == cause]
    assert words in found["message"]
    assert step in found["next_step"]


@pytest.mark.parametrize("cause", ["outside_lookback", "no_goal"])
def test_the_step_mends_what_was_wrong(diagnosis: Diagnosis, cause: str) -> None:
    late, unasked = [visit("01-01"), purchase()], [visit(), {**purchase(), "type": "CUSTOM"}]
    diagnosis.told(late if cause == "outside_lookback" else unasked)
    diagnosis.follow(diagnosis.of_cause(cause)["next_step"].replace("NAME", "sale"))
    found = {check["name"]: check for check in diagnosis.checks()}
    assert cause not in {check["cause"] for check in found.values()}
    assert found["attribution links"]["message"] == "1 of 1 counted conversion has a touch (100.0%)."


def test_a_kiosk_is_named(diagnosis: Diagnosis) -> None:
    """One order more than a customer has, and of each the first visit and the nine nearest share the credit."""
    visits = [visit(f"03-{day:02}", anonId="kiosk") for day in range(1, 13)]
    orders = [
        {**purchase("03-20", anonId="kiosk"), "eventId": f"o{n}", "orderId": f"A-{n}"}
        for n in range(CROWDED_CONVERSIONS + 1)
    ]
    diagnosis.told([*WELL, *visits, *orders])
    found = diagnosis.of_cause("crowded_person")
    assert found["status"] == "warning"
    assert "1 with more touches or conversions" in found["message"]
    assert f"kiosk (12 touches, {CROWDED_CONVERSIONS + 1} conversions)" in found["message"]
    assert "at most 10 touches" in found["message"]
    assert "10 of 12 eligible touches share the credit: the first and the nearest 9." in diagnosis.said("A-7")["cut"]


def test_identifiers_that_join_nobody_are_named_and_counted(
    diagnosis: Diagnosis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five browsers, each of which a stranger ties to more user ids than one person has; the largest are named."""
    most = 3
    names = {f"kiosk{k}": most + 1 + k for k in range(5)} | {"eve": most}
    ties = [
        {"eventId": f"{name}-{n}", "type": "IDENTIFY", "anonId": name, "userId": f"{name}-{n}",
         "occurredAt": "2026-03-02T09:00:00Z"}
        for name, count in names.items() for n in range(count)
    ]  # fmt: skip
    diagnosis.told(WELL, costs(SPRING))
    assert "crowded identifiers" not in {check["name"] for check in diagnosis.checks()}
    monkeypatch.setattr(import_module("touchline.ingest.accept"), "Context", partial(Context, is_verified=False))
    diagnosis.told(ties)
    found = diagnosis.of_cause("crowded_identifiers")
    assert (found["name"], found["status"]) == ("crowded identifiers", "warning")
    assert found["message"].startswith("5 are tied by unverified events to more ids than one person plausibly has")
    named = [f"v:shop-example:kiosk{k} ({most + 1 + k} user ids)" for k in (4, 3, 2)]
    assert f"join nobody: {'; '.join(named)}; and 2 more." in found["message"]
    assert "secret key" in found["next_step"]
    assert "unverified_links" in found["next_step"]


def test_ids_of_everybody_are_named(diagnosis: Diagnosis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser of all users, by proof; and, by pages alone, users who are chained by what they share."""

    def tie(number: int, browser: str, user: str) -> dict[str, object]:
        return {"eventId": f"tie-{browser}-{number}", "type": "IDENTIFY", "anonId": browser, "userId": user,
                "occurredAt": f"2026-03-02T09:00:{number:02}Z"}  # fmt: skip

    diagnosis.told([tie(n, "till", f"user-{n}") for n in range(4)], "", "settings set verified_names 3")
    found = diagnosis.of_cause("shared_identifiers")
    assert "v:shop-example:till (4 user ids)" in found["message"]
    assert "join nobody" in found["message"]
    assert "verified_names" in found["next_step"]
    monkeypatch.setattr(import_module("touchline.ingest.accept"), "Context", partial(Context, is_verified=False))
    chain = [tie(n, f"b{n % 11}", "ann" if n < 6 else "bob") for n in (*range(11), 16)]
    diagnosis.told(chain, "", "settings set largest_group 12")
    found = diagnosis.of_cause("large_groups")
    assert found["message"].startswith("12 pairs of ids are not believed, such as v:shop-example:b0 and u:ann")
    assert "largest_group" in found["next_step"]


def test_a_person_of_too_many_browsers_is_named(diagnosis: Diagnosis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page template holds a user id: far below the limit, and still more browsers than one person has."""
    same = [purchase(f"03-{day:02}", anonId=f"b{day}", userId="template") for day in range(2, 7)]
    diagnosis.told([*same, visit(anonId="ann"), visit("03-03", anonId="ann", userId="1")], costs(SPRING))
    assert "large persons" not in {check["name"] for check in diagnosis.checks()}
    for most, is_named in ((5, False), (4, True)):
        monkeypatch.setattr("touchline.jobs.doctor.identities.MOST_BROWSERS", most)
        assert ("large persons" in {check["name"] for check in diagnosis.checks()}) is is_named
    found = diagnosis.of_cause("large_person")
    assert found["status"] == "warning"
    assert found["message"].endswith("for everybody: u:template (5 browsers).")
    assert found["next_step"].startswith("Find what ties them: touchline explain person u:template.")


def test_where_a_path_was_cut_is_said(diagnosis: Diagnosis) -> None:
    visits = [visit(f"03-{day:02}") for day in range(1, 6)]
    diagnosis.told([*visits, purchase("03-07", orderId="A-1")], "", "settings set touches_per_path 2")
    found = diagnosis.said("A-1")
    assert (found["credited_count"], found["eligible_count"], found["idle_count"], len(found["touches"])) == (
        2,
        5,
        0,
        2,
    )
    assert found["cut"] == (
        "2 of 5 eligible touches share the credit: the first and the nearest 1 (setting touches_per_path)."
    )
    assert found["outside_lookback"] == 0


def test_weights_that_a_model_has_not_yet(diagnosis: Diagnosis) -> None:
    rest = [visit("03-03", anonId=f"x{n}") for n in range(3)]
    diagnosis.told([*WELL, *rest])
    lacking = diagnosis.of_cause("no_fit")
    assert (lacking["status"], lacking["name"]) == ("ok", "weights of MARKOV")
    diagnosis.do(lacking["next_step"].removeprefix("touchline "))
    assert diagnosis.of_cause("fit_not_applied")["next_step"] == "touchline run"
    diagnosis.follow("touchline run")
    (weights,) = [check for check in diagnosis.checks() if check["name"].startswith("weights")]
    assert weights["message"] == f"Every counted conversion has weights under {len(MODELS) + 1} models."


def test_weights_that_the_run_has_not_made_yet(diagnosis: Diagnosis, touchline: Command, tmp_path: Path) -> None:
    diagnosis.told(WELL)
    (tmp_path / "more.jsonl").write_text(json.dumps(purchase("03-04")), encoding="utf-8")
    touchline("import", "events", tmp_path / "more.jsonl")
    assert diagnosis.of_cause("behind")["next_step"] == "touchline run"


@pytest.mark.parametrize("cause", ROLLUPS)
def test_rollups_that_lack_something(asked: Asked, cause: str) -> None:
    name, _, words = ROLLUPS[cause]
    (found,) = [check for check in asked(f"rollups {cause}") if check["cause"] == cause]
    assert found["name"] == name
    assert words in found["message"]


@pytest.mark.parametrize("cause", WASTE)
def test_waste_that_is_not_found(asked: Asked, cause: str) -> None:
    (found,) = [check for check in asked(f"waste {cause}") if check["name"] == "waste"]
    assert found["cause"] == cause
    assert WASTE[cause][-1] in found["next_step"]


@pytest.mark.parametrize(("recorded", "targets"), [(0, 0), (0, 1), (1, 1)])
def test_costs_of_days_before_the_first_event_are_not_within_their_target(recorded: int, targets: int) -> None:
    row = {
        "findings": 0, "last_cost_day": date(2026, 2, 20), "own_micros": 10, "recorded_micros": recorded,
        "default_model": "LINEAR", "first_day": date(2026, 3, 2), "targets": targets, "matched": targets,
        "other_model": None,
    }  # fmt: skip
    found = money._waste(row, [])
    if recorded:
        assert (found.status, found.cause) == ("ok", "within_targets")
    else:
        assert (found.status, found.cause) == ("warning", "before_first_event")
        assert found.message == (
            "None can be told: all costs in the window are of days before the first event, on 2026-03-02."
        )


def test_waste_that_is_found_names_its_severities(diagnosis: Diagnosis) -> None:
    lost = "2026-02-20,META,7,lost,10,EUR"
    early = visit("02-20", anonId="eve", url="https://shop.example/")
    diagnosis.told([early, *WELL], costs(SPRING, lost), "target set --cpa 4")
    (found,) = [check for check in diagnosis.checks() if check["name"] == "waste"]
    assert (found["status"], found["cause"]) == ("ok", "")
    assert found["message"] == "Findings under LAST_TOUCH: 1 low."


def test_refunds_that_are_not_applied_are_counted_by_reason(diagnosis: Diagnosis, home: Path) -> None:
    told: list[Said] = [
        {"orderId": "A", "value": 9000, "currency": "JPY"}, {"orderId": "lost", "value": 5}, {"orderId": "A"},
    ]  # fmt: skip
    usual = {"type": "REFUND", "occurredAt": "2026-03-03T10:00:00Z"}
    refunds = [{"eventId": f"r{n}", **usual, **said} for n, said in enumerate(told)]
    diagnosis.told([visit(), purchase(orderId="A"), *refunds], costs(SPRING))
    assert "in a different currency" in diagnosis.of_cause("other_currency")["message"]
    assert "the newest for order lost" in diagnosis.of_cause("no_order")["message"]


@pytest.mark.slow
def test_what_a_browser_claims_is_counted_and_shown(
    diagnosis: Diagnosis, home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger cancels an order with the key that every page shows, and sends one of their own."""
    diagnosis.told([visit(), purchase(orderId="A")], costs(SPRING), "goal set conversion --unverified apart")
    claimed = {"occurredAt": "2026-03-03T10:00:00Z"}
    stop = {"eventId": "stop", "type": "REFUND", "name": "cancellation", "orderId": "A", "anonId": "ada", **claimed}
    fake = {"eventId": "fake", "type": "CONVERSION", "orderId": "B", "anonId": "eve", "value": 7, **claimed}
    monkeypatch.setattr(import_module("touchline.ingest.accept"), "Context", partial(Context, is_verified=False))
    diagnosis.told([stop, fake])
    assert "Refunds and cancellations reported by a browser" in diagnosis.of_cause("claimed_by_browser")["message"]
    found = touchline("explain", "conversion", "A", "--json").document
    assert (found["status"], found["refund_count"]) == ("completed", 1)
    (refund,) = found["refunds"]
    assert (refund["is_applied"], refund["reason"], refund["is_verified"]) == (False, "claimed_by_browser", False)
    assert "Reported by a browser, not applied" in " ".join(touchline("explain", "conversion", "A").out.split())
    assert "only a publishable key reported it" in touchline("explain", "conversion", "B").out
    whole = touchline("report", "attribution", "--json").document["verification"]
    assert whole == {"conversions": 2, "unverified": 1, "unverified_share": 0.5, "unverified_apart": 0}
    named = touchline("report", "attribution", "--goal", "conversion", "--json").document["verification"]
    assert (named["conversions"], named["unverified_apart"]) == (1, 1)
    apart = touchline("report", "attribution", "--goal", "conversion (unverified)")
    assert "1 of 1 conversion (100.0 %) is unverified" in apart.out
