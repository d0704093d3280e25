"""dbt projects are judged by their code, and every claim names where it stands."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.reports.assessment.projects import LINEAR_ISSUES, PAID_BUDGET, SHOP, WHOLE, manifest
from touchline.errors import InputError
from touchline.reports.assessment import Assessment, assess_manifest
from touchline.reports.assessment.layers import layers

NOW = 1_780_000_000_000_000


def assessed(folder: Path, models: Mapping[str, str]) -> Assessment:
    file = folder / "manifest.json"
    file.write_text(manifest(models), encoding="utf-8")
    return assess_manifest(file, now=NOW)


def missing(found: Assessment) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {layer.name: (layer.status, layer.capabilities_missing) for layer in found.layers}


def capability_of(folder: Path, code: str, name: str = "int_attribution") -> set[str]:
    found = assessed(folder, {f"models/{name}.sql": code})
    return {one for layer in found.layers for one in layer.capabilities_present}


def test_a_project_of_first_touches_lacks_what_its_assessment_by_hand_says(tmp_path: Path) -> None:
    """Source of the expectation: the assessment of such a project, layer by layer."""
    assert missing(assessed(tmp_path, PAID_BUDGET)) == {
        "identity_resolution": ("complete", ("device graph",)),
        "signal_touchpoint": ("partial", ("session detection",)),
        "channel_classification": ("partial", ("referrer classification", "user-agent heuristics")),
        "attribution_models": (
            "partial", ("last-touch model", "multi-touch models", "model comparison", "survey integration"),
        ),
        "coverage_health": (
            "missing",
            (
                "behavioural coverage rate", "direct-only rate", "model comparison metrics", "XmR process charts",
                "data quality metrics",
            ),
        ),
    }  # fmt: skip


ID_GRAPH = """
with edges as (
  select distinct user_pseudo_id, device_id, sha256(lower(trim(email))) as email_hash from {{ ref('stg_ga4__events') }}
)
select user_pseudo_id, device_id, min(email_hash) over (partition by device_id) as canonical_id from edges
"""
"""Ids of Google Analytics 4, joined by a window instead of a join; no column is named after a person."""


def test_an_identity_graph_of_a_window_has_every_capability_of_one(tmp_path: Path) -> None:
    assert capability_of(tmp_path, ID_GRAPH, "id_graph") >= {
        "identity stitching", "cross-session linking", "merged ID handling", "deduplication", "device graph",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "is_coverage"), [("share_of_orders_with_sessions", True), ("share_of_orders_with_discounts", False)]
)
def test_a_share_of_orders_with_a_visit_is_a_coverage_rate(tmp_path: Path, column: str, is_coverage: bool) -> None:
    code = f"select day, count(distinct s.order_id) / count(distinct o.order_id) as {column} from o left join s"
    assert ("behavioural coverage rate" in capability_of(tmp_path, code, "rpt_tracking_health")) == is_coverage


def test_a_project_with_everything_is_complete(tmp_path: Path) -> None:
    found = assessed(tmp_path, WHOLE)
    assert {layer.status for layer in found.layers} == {"complete"}
    assert found.gaps == ()


@pytest.mark.parametrize("models", [SHOP, LINEAR_ISSUES, {}], ids=["orders", "issues", "empty"])
def test_a_project_without_attribution_has_none(tmp_path: Path, models: Mapping[str, str]) -> None:
    assert {layer.status for layer in assessed(tmp_path, models).layers} == {"missing"}


def test_each_claim_names_the_line_that_it_rests_on(tmp_path: Path) -> None:
    code = {Path(file).stem: (file, text.splitlines()) for file, text in PAID_BUDGET.items()}
    claims = [claim for layer in assessed(tmp_path, PAID_BUDGET).layers for claim in layer.claims]
    assert len(claims) > 20
    for claim in claims:
        file, lines = code[claim.model]
        assert claim.line is not None
        assert claim.file == file
        assert claim.says.endswith(lines[claim.line - 1].strip().lower()[:120])


def test_what_is_missing_comes_in_order_of_impact_with_advice(tmp_path: Path) -> None:
    gaps = assessed(tmp_path, PAID_BUDGET).gaps
    assert [gap.impact for gap in gaps] == sorted(gap.impact for gap in gaps)
    assert gaps[0].capability == "session detection"
    assert "30 minutes" in gaps[0].recommendation


def test_staging_models_that_nobody_reads_are_named(tmp_path: Path) -> None:
    notes = {layer.name: layer.notes for layer in assessed(tmp_path, PAID_BUDGET).layers}
    assert "no model reads it: stg_backend__stytch_fingerprints." in notes["identity_resolution"]
    assert "no model reads it: stg_backend__http_user_agent." in notes["channel_classification"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("-- last_touch_credit\nselect 1 as x", set()),
        ("/* linear_credit */ select 1 as x {# shapley #}", set()),
        ("select last_touch_channel from t", {"last-touch model"}),
        ("select last_touch_at from t", set()),
        ("select 1.0 / touch_count as credit from t", {"multi-touch models"}),
        ("select case when referrer like '%google.%' then 'search' end as channel from t", {"referrer classification"}),
        ("select referrer from t", set()),
        ("select m.medium from t join referrer_mapping m on t.referrer_host = m.host", {"referrer classification"}),
        (
            "select coalesce(case when gclid > '' then 'a' when utm_source = 'b' then 'b' end, 'direct') as channel",
            {"click ID detection", "UTM parsing", "classification hierarchy", "fallback handling"},
        ),
        ("select case when touches = 1 then 1.0 else 0.0 end as attribution_points", set()),
        ("select sum(touched) / count(*) as attributed_share", {"behavioural coverage rate"}),
        ("select count(*) as coverage from t", set()),
        ("select 3.14 + 2.66 * avg(mr) as upper_limit", {"XmR process charts"}),
    ],
)  # fmt: skip
def test_what_proves_a_capability_and_what_does_not(tmp_path: Path, code: str, expected: set[str]) -> None:
    assert capability_of(tmp_path, code) == expected


def test_staging_proves_nothing_but_staging(tmp_path: Path) -> None:
    code = "select last_touch_channel, linear_credit, utm_source from t"
    assert capability_of(tmp_path, code, "stg_web__touches") == {"UTM parsing"}


def test_declared_columns_and_macros_count_as_code(tmp_path: Path) -> None:
    document = json.loads(manifest({"models/fct_touches.sql": "select * from t"}))
    (node,) = document["nodes"].values()
    node["columns"] = {"LAST_TOUCH_CHANNEL": {"name": "last_touch_channel", "description": "linear_credit"}}
    node["depends_on"]["macros"] = ["macro.shop.channel_group", "macro.dbt.run"]
    ladder = "case when utm_medium = 'cpc' then 'Paid' when x then 'y' else 'Other' end {% endmacro %}"
    document["macros"] = {
        "macro.shop.channel_group": {"name": "channel_group", "package_name": "shop", "macro_sql": ladder},
        "macro.shop.unused": {"name": "unused", "package_name": "shop", "macro_sql": "select linear_credit"},
        "macro.dbt.run": {"name": "run", "package_name": "dbt", "macro_sql": "select linear_credit"},
    }
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    claims = {claim.capability: claim for layer in assess_manifest(file, now=NOW).layers for claim in layer.claims}
    assert set(claims) == {"last-touch model", "UTM parsing", "classification hierarchy", "fallback handling"}
    assert (claims["last-touch model"].says, claims["last-touch model"].line) == (
        "fct_touches, column last_touch_channel",
        None,
    )
    assert claims["classification hierarchy"].model == "channel_group"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"nodes": []}', "{" * 5_000, "\x00"], ids=[*"abcdef"]
)  # fmt: skip
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no dbt manifest"):
        assess_manifest(file, now=NOW)
    with pytest.raises(InputError, match="no dbt manifest"):
        assess_manifest(tmp_path / "none.json", now=NOW)


@pytest.mark.parametrize(
    "node",
    [None, 1, [], {}, {"resource_type": "model"}, {"resource_type": "model", "depends_on": 1, "columns": [3]}],
)  # fmt: skip
def test_odd_nodes_are_passed_over(tmp_path: Path, node: object) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"nodes": {"model.a.b": node}, "macros": [], "metadata": 1}), encoding="utf-8")
    found = assess_manifest(file, now=NOW)
    assert [len(layer.claims) for layer in found.layers] == [0] * len(layers())
    assert len(found.gaps) == sum(len(layer.capabilities) for layer in layers())
