"""What the last run left, as few numbers for /metrics: of all organizations together, by model."""

from collections import defaultdict
from typing import Any

from touchline.engines import Engine
from touchline.engines.answers import python_rows

MODEL_DAYS = 28
"""The newest days with conversions over which models are compared."""

_FINDINGS = """
    select model, severity, count(*) as findings from waste_findings where grain = 'CAMPAIGN' group by model, severity
"""

_WASTED = """
    select model, currency, total(waste_micros) as waste_micros
    from waste_findings
    where grain = 'CAMPAIGN'
    group by model, currency
"""

_SPENT = """
    with windows as (
      select organization_id, currency, min(window_start) as window_start, max(window_end) as window_end
      from waste_findings
      where grain = 'CAMPAIGN'
      group by organization_id, currency
    )
    select r.currency as currency, total(r.spend_micros) as spend_micros
    from daily_rollups as r
    join windows as w on w.organization_id = r.organization_id and w.currency = r.currency
    where r.grain = 'ORGANIZATION' and r.basis = 'TOUCH' and r.model = ''
      and r.rollup_date >= w.window_start and r.rollup_date <= w.window_end
    group by r.currency
"""

_CREDITS = f"""
    with newest as (
      select max(rollup_date) as day
      from daily_rollups
      where grain = 'CHANNEL' and basis = 'CONVERSION'
    )
    select r.model as model, r.entity_id as channel, total(r.credit) as credit
    from daily_rollups as r
    cross join newest as n
    where r.grain = 'CHANNEL' and r.basis = 'CONVERSION' and r.rollup_date > n.day - {MODEL_DAYS}
    group by r.model, r.entity_id
"""  # noqa: S608 - a number of our own


NO_GAUGES: dict[str, Any] = {"wasteFindings": [], "wasteShares": [], "modelDisagreements": [], "engineBytes": 0}
"""Before the first run."""


def followed_number(engine: Engine) -> int:
    """The number of the newest event of the ledger that the engine has; 0: it has none."""
    return int(engine.select("select max(sequence) as newest from tracking_events")["newest"][0].as_py() or 0)


def gauges(engine: Engine) -> dict[str, Any]:
    """The engine's size, findings by model and severity, the wasted share of spend, and how models disagree.

    Each but the size has one row for each model, whatever the number of organizations, campaigns and channels.
    """
    wasted, spent, credits_ = (python_rows(engine.select(text)) for text in (_WASTED, _SPENT, _CREDITS))
    spend = {row["currency"]: row["spend_micros"] for row in spent}
    return {
        "wasteFindings": python_rows(engine.select(_FINDINGS)),
        "wasteShares": [
            {"model": row["model"], "currency": row["currency"], "share": row["waste_micros"] / whole}
            for row in sorted(wasted, key=lambda row: (row["model"], row["currency"]))
            if (whole := spend.get(row["currency"]))
        ],
        "modelDisagreements": disagreements(credits_),
        "engineBytes": engine.size_bytes(),
    }


def disagreements(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each model, the share of credit that it gives to other channels than LAST_TOUCH does.

    Half the sum, over channels, of the differences between the models' shares.

    :param rows: ``model``, ``channel`` and ``credit``, once for each model and channel.

    >>> credit = {"LAST_TOUCH": {"Email": 3, "Direct": 1}, "LINEAR": {"Email": 2, "Direct": 2}}
    >>> disagreements([{"model": m, "channel": c, "credit": n} for m, of in credit.items() for c, n in of.items()])
    [{'model': 'LINEAR', 'share': 0.25}]
    """
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        shares[row["model"]][row["channel"]] = float(row["credit"])
    for of in shares.values():
        whole = sum(of.values()) or 1.0
        of.update({channel: credit / whole for channel, credit in of.items()})
    last = shares.pop("LAST_TOUCH", {})
    return [
        {"model": model, "share": sum(abs(of.get(name, 0.0) - last.get(name, 0.0)) for name in of.keys() | last) / 2}
        for model, of in sorted(shares.items())
        if last
    ]
