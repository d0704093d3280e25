"""Why conversions have no attribution links, and why links have no weights: each cause with its next step."""

from collections import Counter
from collections.abc import Iterator

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.untouched import missing_links, untouched_check
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.models import FITTED_MODELS

_LOOKED_AT = 1_000
"""How many of the newest refusals are searched for conversions."""
_FEW = 0.5
"""Fewer conversions with a touch than this share deserve a look."""


def link_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """How many conversions have a touch, and each cause for which the others have none."""
    yield _touched(rows(workspace, "path_lengths", organization_id)[0])
    for missing in missing_links(workspace, organization_id):
        yield untouched_check(missing, workspace.settings(organization_id).lookback_days)
    for row in rows(workspace, "events_of_no_goal", organization_id):
        yield _of_no_goal(row)
    yield from _refused(workspace, organization_id)


def _touched(row: Row) -> Check:
    name = "attribution links"
    if not row["conversions"]:
        step = "See the goals above and any causes below."
        return Check(
            name, "warning", "No conversion is counted, so there is nothing to attribute.", step, "no_conversion"
        )
    if not row["touchpoints"]:
        step = "Import page views with their URLs and referrers."
        return Check(name, "problem", "There are no touchpoints: no event belongs to a visit.", step, "no_touchpoint")
    if not row["touched"]:
        return Check(name, "problem", "No conversion has a touch.", "See the causes below.", "no_touch")
    share = row["touched"] / row["conversions"]
    message = f"{_of(row['touched'], row['conversions'], 'counted conversion')} a touch ({share:.1%})."
    if share < _FEW:
        return Check(name, "warning", message, "See the causes below.", "few_touches")
    return Check(name, "ok", message)


def _of_no_goal(row: Row) -> Check:
    named = f" named {row['name']!r}" if row["name"] else ""
    message = f"{row['type']} events{named} that look like conversions but match no goal: {row['events']:,}."
    asked = f" --event-name {row['name']}" if row["name"] else ""
    step = f"touchline goal set NAME --event-type {row['type']}{asked}"
    return Check("no links: no goal", "warning", message, step, "no_goal")


def _refused(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Conversions among the newest events that were refused: they never came in."""
    sites = workspace.sites_of(organization_id)
    newest = workspace.ledger.rows(schema.REJECTED_EVENTS, limit=_LOOKED_AT, is_newest_first=True, site_id=sites)
    refused = Counter(row["reason"] for row in newest if "CONVERSION" in row["payload"])
    for reason, count in sorted(refused.items()):
        message = f"Recently rejected events that look like conversions, with reason {reason}: {count:,}."
        step = f"touchline rejected --reason {reason} --show 10"
        yield Check("no links: refused", "warning", message, step, "refused")


def weight_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Whether every conversion that counts has its weights under every model."""
    found = rows(workspace, "weights_by_model", organization_id)
    lacking = [row for row in found if row["weighted"] < row["conversions"]]
    for row in lacking:
        message = (
            f"{_of(row['conversions'] - row['weighted'], row['conversions'], 'conversion')} none under {row['model']}."
        )
        yield Check("weights", "problem", message, "touchline run --rebuild", "not_weighted")
    fitted = {row["model"] for row in found}
    if not lacking:
        yield Check("weights", "ok", f"Every counted conversion has weights under {counted(len(fitted), 'model')}.")
    made = {row["kind"] for row in workspace.ledger.rows(schema.FITS, organization_id=organization_id)}
    for model in FITTED_MODELS:
        if model not in fitted:
            yield _unfitted(model, is_made=model in made)


def _unfitted(model: str, *, is_made: bool) -> Check:
    name = f"weights of {model}"
    if is_made:
        return Check(name, "warning", "Its fit is newer than the last run.", "touchline run", "fit_not_applied")
    return Check(
        name, "ok", "There are none yet, because it has no fit.", f"touchline fit make --kind {model}", "no_fit"
    )


def _of(part: int, whole: int, one: str) -> str:
    """A part of several with the verb that it takes: ``1 of 3 conversions has``."""
    return f"{part:,} of {counted(whole, one)} {'has' if part == 1 else 'have'}"
