"""Models of an organization's own are in the river, in every report, and gone again once they are removed."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW, Tell
from touchline.engines.answers import python_rows
from touchline.errors import InputError, UnknownError, UsageError
from touchline.jobs import running, setup
from touchline.jobs.own_models import add_models, own_models, remove_model
from touchline.jobs.workspace import Workspace
from touchline.magnitudes import CREDIT
from touchline.models import MODELS
from touchline.own_models import presets
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.reports.waste import waste_report

OWN = """
[[model]]
name = "BOTH_ENDS"
says = "Half to each end, nothing between."
first = 1
last = 1

[[model]]
name = "AT_SIGNUP"
says = "First touch, and the last up to the signup."
first = 10
between = 0
milestones = { signup = 30 }
"""


@pytest.fixture
def shop(workspace: Workspace, tell: Tell) -> Workspace:
    """One customer: a search, a letter, a signup, a post, an order."""
    setup.set_goal(workspace, "shop", setup.Goal("signup", event_name="signup", is_milestone=True))
    tags = ("google&utm_medium=cpc", "letter&utm_medium=email", "facebook&utm_medium=social")
    visits = [
        {"anonId": "v", "eventId": f"p{day}", "occurredAt": f"2026-03-0{day}T10:00:00Z",
         "url": f"https://shop.example/?utm_source={tag}"}
        for day, tag in enumerate(tags, 1)
    ]  # fmt: skip
    order = {"type": "CONVERSION", "anonId": "v", "value": 10, "currency": "EUR"}
    bought = order | {"eventId": "o", "orderId": "o", "occurredAt": "2026-03-04T10:00:00Z"}
    signed = order | {"eventId": "s", "name": "signup", "occurredAt": "2026-03-02T11:00:00Z"}
    assert tell(*visits, signed, bought).accepted == 5
    return workspace


def file_of(folder: Path, text: str = OWN) -> str:
    file = folder / "models.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def credit(workspace: Workspace, model: str) -> list[float]:
    """Of the order's touches, the oldest first."""
    rows = python_rows(
        workspace.engine.select(
            "select credit from attribution_links as l join conversions as c on c.conversion_id = l.conversion_id"
            f" where model = '{model}' and c.goal = 'conversion' order by position"
        )
    )
    return [row["credit"] / CREDIT for row in rows]


def test_an_own_model_is_everywhere_until_it_is_removed(shop: Workspace, tmp_path: Path) -> None:
    running.run(shop)
    names = ("AT_SIGNUP", "BOTH_ENDS", "AMPLITUDE_J_SHAPED")
    added = [*add_models(shop, "shop", file_of(tmp_path), now=NOW), *add_models(shop, "shop", "amplitude", now=NOW)]
    assert {*names} <= {model.name for model in added}
    assert running.run(shop).is_rebuild
    assert credit(shop, "BOTH_ENDS") == [0.5, 0, 0.5]
    assert credit(shop, "AT_SIGNUP") == [0.25, 0.75, 0]
    assert credit(shop, "AMPLITUDE_J_SHAPED") == [0.2, 0.2, 0.6]

    compared = model_comparison(shop.engine, "shop")
    assert {*MODELS, *names} <= {*compared.models}
    assert {cell.model: cell.conversions for cell in compared.totals.models}["BOTH_ENDS"] == 2
    report = attribution_report(shop.engine, "shop", model="BOTH_ENDS", goal="conversion")
    assert sorted(row.conversions for row in report.rows) == [0, 0.5, 0.5]
    assert waste_report(shop.engine, "shop", model="BOTH_ENDS").model == "BOTH_ENDS"
    html = page(overview(shop.engine, "shop"))
    assert "Both ends" in html

    setup.change_setting(shop, "shop", "default_model", "BOTH_ENDS", now=NOW)
    assert shop.settings("shop").default_model == "BOTH_ENDS"
    with pytest.raises(UsageError, match="BOTH_ENDS is the default model"):
        remove_model(shop, "shop", "BOTH_ENDS")
    setup.change_setting(shop, "shop", "default_model", "LAST_TOUCH", now=NOW)
    for name in [model.name for model in own_models(shop, "shop")]:
        remove_model(shop, "shop", name)
    assert running.run(shop).is_rebuild
    assert credit(shop, "BOTH_ENDS") == []
    with pytest.raises(UnknownError, match="BOTH_ENDS"):
        remove_model(shop, "shop", "BOTH_ENDS")


def test_what_cannot_be_added_changes_nothing(shop: Workspace, tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    (tmp_path / "long.toml").write_text("#" * 100_001)
    for source, told in (
        (file_of(tmp_path, "x = 1"), "expected one or more tables"), (str(tmp_path), "cannot be read"),
        (str(tmp_path / "bytes.toml"), "byte 1"), (str(tmp_path / "long.toml"), "at most 100,000"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=told):
            add_models(shop, "shop", source, now=NOW)
    with pytest.raises(UnknownError, match="no product or preset"):
        add_models(shop, "shop", "hub-spot", now=NOW)
    many = "".join(f'[[model]]\nname = "M{n}"\nsays = "x"\nfirst = 1\n' for n in range(10, 29))
    add_models(shop, "shop", file_of(tmp_path, many), now=NOW)
    with pytest.raises(UsageError, match="There would be 21 models"):
        add_models(shop, "shop", file_of(tmp_path), now=NOW)
    assert len(add_models(shop, "shop", "adobe_j_shaped", now=NOW)) == 1
    assert len(own_models(shop, "shop")) == 20
    with pytest.raises(UsageError, match=r"default_model is one of FIRST_TOUCH.*M10"):
        setup.change_setting(shop, "shop", "default_model", "BOTH_ENDS", now=NOW)


def test_a_model_of_the_same_name_takes_the_place_of_the_other(shop: Workspace, tmp_path: Path) -> None:
    add_models(shop, "shop", "ADOBE_J_SHAPED", now=NOW)
    add_models(shop, "shop", file_of(tmp_path, '[[model]]\nname = "ADOBE_J_SHAPED"\nsays = "x"\nfirst = 1\n'), now=NOW)
    assert own_models(shop, "shop") == (replace(own_models(shop, "shop")[0], says="x", first=1),)
    assert own_models(shop, "shop")[0] != presets()["ADOBE_J_SHAPED"]
    assert [one["kind"] for one in running.models_of_organization(shop, "shop")] == ["rule"] * 5 + ["own"]
