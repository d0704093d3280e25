"""Why rollups lack costs or credit, and why no waste is found: each cause with its next step."""

from collections.abc import Iterator, Sequence

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace

_IMPORT_COSTS = "touchline import costs FILE…"
_IMPORT_RATES = "touchline import rates FILE…"


def money_checks(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    """Whether costs and credit meet, which costs are missing, and what was found wasteful, or why nothing was."""
    looked_for = rows(workspace, "waste_looked_for", organization_id)
    yield from _rollups(workspace, organization_id)
    for row in looked_for:
        yield _waste(row, rows(workspace, "waste_by_severity", organization_id))


def _rollups(workspace: Workspace, organization_id: str) -> Iterator[Check]:
    campaigns = rows(workspace, "matched_campaigns", organization_id)
    yield _matched(campaigns)
    yield _days(rows(workspace, "rolled_up_days", organization_id)[0])
    for row in rows(workspace, "days_without_costs", organization_id):
        if row["days_without"]:
            yield _unpaid(row, has_costs=bool(campaigns))
    for row in rows(workspace, "without_rate", organization_id):
        yield _foreign(row)


def _matched(campaigns: Sequence[Row]) -> Check:
    """Whether campaigns that cost money are seen in the visits."""
    name = "costs meet touches"
    if not campaigns:
        return Check(name, "warning", "There are no costs to match to visits.", _IMPORT_COSTS, "no_costs")
    missing = [row for row in campaigns if not row["touches"]]
    if not missing:
        return Check(name, "ok", f"{_every(len(campaigns))} with spend has a matching visit.")
    first = ", ".join(f"{row['name']} ({row['platform']})" for row in missing[:3])
    which = f"{len(missing):,} of {counted(len(campaigns), 'campaign')}"
    cost, their = ("costs", "its") if len(missing) == 1 else ("cost", "their")
    message = f"{which} {cost} money, but no visit has {their} id or name: {first}"
    step = "Put the campaign's id in utm_id or its name in utm_campaign in its ad links, or check whether its ads ran."
    return Check(name, "warning", message + (", …" if len(missing) > 3 else "."), step, "campaign_not_seen")


def _days(row: Row) -> Check:
    name = "rollups"
    if not row["days"]:
        message = "There are none: neither costs nor conversions."
        return Check(name, "warning", message, "touchline import events FILE…", "nothing_to_roll_up")
    if row["cost_days"] and row["credit_days"] and not row["shared_days"]:
        return Check(
            name, "warning",
            "No day has both costs and conversions: totals for a window are correct, but rates for a single day"
            " are unknown.",
            "Import costs for the days with conversions, if there are any.", "no_shared_day",
        )  # fmt: skip
    message = (
        f"{counted(row['days'], 'day')}: {row['credit_days']:,} with conversions, {row['cost_days']:,} with costs."
    )
    return Check(name, "ok", message)


def _unpaid(row: Row, *, has_costs: bool) -> Check:
    """Bought visits of days whose costs nobody has imported; where there are no costs at all, that was said already."""
    message = (
        f"Paid visits came on {counted(row['days'], 'day')}, and {row['days_without']:,} of them"
        f" {'has' if row['days_without'] == 1 else 'have'} no costs ({row['first_day']} to {row['last_day']})."
    )
    step = f"Import costs for {row['platform']} on those days: {_IMPORT_COSTS}"
    return Check(f"costs of {row['platform']}", "warning" if has_costs else "ok", message, step, "days_without_costs")


def _foreign(row: Row) -> Check:
    """Money in a currency that no rate converts, on days that a file of rates has to have."""
    own, other = row["own_currency"], row["currency"]
    days = f"{counted(row['days'], 'day')} ({row['first_day']} to {row['last_day']})"
    message = f"Money in {other} on {days} has no exchange rate to {own}; reports in {own} leave it out."
    step = f"Import rates from {other} to {own} for these days: {_IMPORT_RATES}"
    return Check(f"money in {other}", "warning", message, step, "other_currency")


def _waste(row: Row, by_severity: Sequence[Row]) -> Check:
    name = "waste"
    if row["findings"]:
        found = ", ".join(f"{one['findings']:,} {one['severity']}" for one in by_severity)
        return Check(name, "ok", f"Findings under {row['default_model']}: {found}.", "touchline waste")
    if row["last_cost_day"] is None:
        return Check(name, "warning", "Without costs, no waste can be found.", _IMPORT_COSTS, "no_costs")
    if not row["own_micros"] and row["other_micros"]:
        message = f"The costs in the window are in {row['other_currency']}, without a rate to {row['currency']}."
        step = f"Import its rates: {_IMPORT_RATES}, or: touchline waste --currency {row['other_currency']}"
        return Check(name, "warning", message, step, "other_currency")
    if not row["own_micros"]:
        window = f"the {counted(row['window_days'], 'day')} up to {row['last_day']}"
        message = f"Costs end on {row['last_cost_day']}, before {window}."
        days = (row["last_day"] - row["last_cost_day"]).days + 1
        step = f"Import newer costs, or: touchline settings set waste_window_days {days}"
        return Check(name, "warning", message, step, "no_costs_in_window")
    return _judged(row)


def _judged(row: Row) -> Check:
    """There is spend in the window, and none of it was found wasteful."""
    name, model = "waste", row["default_model"]
    if not row["recorded_micros"]:
        began = row["first_day"]
        message = f"None can be told: all costs in the window are of days before the first event, on {began}."
        return Check(name, "warning", message, "Wait for days with both events and costs.", "before_first_event")
    if not row["targets"]:
        message = "None in the window; without a target, campaigns are compared with each other only."
        return Check(name, "warning", message, "touchline target set --cpa AMOUNT", "no_target")
    if not row["matched"]:
        message = "None in the window, and no target names a platform or campaign with spend."
        return Check(name, "warning", message, "Compare `touchline target list` with the costs.", "target_of_nothing")
    if row["other_model"]:
        message = f"None under {model}, but {row['other_model']} has some."
        return Check(name, "ok", message, f"touchline waste --model {row['other_model']}", "other_model")
    return Check(
        name,
        "ok",
        "None in the window: all spend is within its target, or too little to tell.",
        cause="within_targets",
    )


def _every(campaigns: int) -> str:
    return "The campaign" if campaigns == 1 else f"Every one of {counted(campaigns, 'campaign')}"
